package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.layout.ConsistencyMode;
import garage.layout.Epoch;
import garage.layout.LayoutHistory;
import garage.layout.LayoutParameters;
import garage.layout.LayoutPhase;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import garage.table.register.History.Operation;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random operations of several clients on one register while the layout changes under them - its
 * nodes, or its replication factor - with lost, repeated and delayed calls, skewed clocks, nodes
 * that crash and lose what was not synced, and collection of tombstones. Every history must be
 * linearizable, the change must complete, and the old nodes must end up empty.
 */
final class LayoutSimulationTest {
  static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);
  private static final Partition PARTITION = new TestCluster.Texts().partition(KEY);
  private static final Epoch END = new Epoch(2, LayoutPhase.STABLE);
  private static final int OPERATIONS = 7;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration CHANGE_MAX = Duration.ofMinutes(20);

  private final Map<List<NodeId>, List<LayoutHistory>> layouts = new HashMap<>();

  /**
   * From which nodes to which, by their letters; and what goes wrong: among others, who is away
   * until the change has ended, and who is lost for ever then.
   */
  private record Case(
      String from,
      String to,
      int loss,
      int duplicates,
      int crashPercent,
      String away,
      String lost) {
    Case(String from, String to, int loss, int duplicates, int crashPercent) {
      this(from, to, loss, duplicates, crashPercent, "", "");
    }

    Case losing(String lost) {
      return new Case(
          from, to, loss, duplicates, crashPercent, to.substring(to.length() - 1), lost);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "abc, bcd, 0, 0, 0, 8",
    "abc, bcd, 8, 8, 0, 12",
    "abc, bcd, 4, 8, 2, 12",
    "abc, def, 0, 0, 0, 8",
    "abc, def, 8, 8, 0, 12",
    "abc, def, 4, 8, 2, 12",
    "a, abc, 4, 8, 1, 12",
    "abc, c, 4, 8, 1, 8",
    "a, b, 4, 8, 1, 8",
    "abcde, cdefg, 4, 4, 1, 4"
  })
  void everyHistoryIsLinearizableWhileTheLayoutChanges(
      String from, String to, int loss, int duplicates, int crashPercent, int seeds) {
    search(new Case(from, to, loss, duplicates, crashPercent), seeds);
  }

  /**
   * The last of the new nodes is away during the change, and counts all the same once it is back.
   */
  @ParameterizedTest
  @CsvSource({
    "abc, bcd, b, 0, 0, 0, 6",
    "abc, bcd, c, 4, 8, 2, 12",
    "abc, def, d, 4, 8, 2, 12",
    "abcde, cdefg, cf, 4, 4, 1, 4"
  })
  void everyHistoryIsLinearizableThoughNodesAreLostBeforeALateOneIsFilled(
      String from, String to, String lost, int loss, int duplicates, int crashPercent, int seeds) {
    search(new Case(from, to, loss, duplicates, crashPercent).losing(lost), seeds);
  }

  private void search(Case now, int seeds) {
    int first = Integer.getInteger("seed", 1);
    int last = first + Integer.getInteger("seeds", seeds);
    for (long seed = first; seed < last; seed++) {
      History history = new History();
      Simulation.run(seed, simulation -> new Run(simulation, now, history).run());
      assertTrue(history.size() > OPERATIONS, "something happened");
      assertTrue(history.isLinearizable(), now + " seed " + seed + "\n" + history);
    }
  }

  private final class Run {
    private final Simulation simulation;
    private final Case now;
    private final TestCluster cluster;
    private final History history;
    private final Set<TestCluster.Node> gone = new LinkedHashSet<>();
    private boolean healed;
    private boolean over;
    private int written;

    Run(Simulation simulation, Case now, History history) {
      this.simulation = simulation;
      this.now = now;
      this.history = history;
      int count = (now.from() + now.to()).chars().max().orElseThrow() - 'a' + 1;
      this.cluster =
          new TestCluster(
              simulation, count, new TestCluster.Faults(now.loss(), now.duplicates(), 12));
      cluster.follow(histories().getFirst());
    }

    void run() {
      letters(now.away()).forEach(this::take);
      for (TestCluster.Node node : cluster.nodes) {
        node.machine.jumpWall(Duration.ofMillis(simulation.random().nextInt(4_000)));
        start("transition", () -> work(node));
      }
      start("collector", this::collect);
      start("layout", this::change);
      start("crashes", this::crash);
      List<Tasks.Task> clients = new ArrayList<>();
      for (int c = 0; c < 3; c++) {
        TestCluster.Node node = cluster.nodes.get(c * 2 % cluster.nodes.size());
        clients.add(start("client " + c, () -> client(node)));
      }
      clients.forEach(Tasks.Task::join);
      healed = true;
      cluster.heal();
      simulation.eventually("the layout has changed", CHANGE_MAX, this::isOver);
      TestCluster.Node last =
          cluster.latest().current().nodesOf(PARTITION).stream()
              .map(cluster::node)
              .filter(node -> !gone.contains(node))
              .toList()
              .getLast();
      read(last, null, simulation.clock().nanos());
      over = true;
    }

    /** All new nodes have everything, and the old ones nothing. */
    private boolean isOver() {
      LayoutHistory latest = cluster.latest();
      return latest.epoch().equals(END)
          && cluster.nodes.stream().allMatch(n -> n.history().epoch().equals(latest.epoch()))
          && cluster.nodes.stream()
              .allMatch(n ->
                  latest.nodes().contains(n.self())
                      ? gone.contains(n) || n.transition().ready(latest.epoch(), PARTITION)
                      : !gone.isEmpty() || isEmpty(n));
    }

    private void take(TestCluster.Node node) {
      gone.add(node);
      node.crash();
    }

    /** Once the new layout counts: who was away is back, and others are lost for ever. */
    private void lose() {
      List<TestCluster.Node> back = List.copyOf(gone);
      letters(now.lost()).forEach(this::take);
      gone.removeAll(back);
      back.forEach(TestCluster.Node::restart);
    }

    private static boolean isEmpty(TestCluster.Node node) {
      return !node.isDown() && node.transition().leaving() == 0 && node.transition().holdsNothing();
    }

    private Tasks.Task start(String name, Runnable body) {
      return simulation.tasks().start(name, body);
    }

    private void work(TestCluster.Node node) {
      while (!over) {
        if (!node.isDown()) {
          try {
            node.transition().step();
          } catch (GarageException e) {
            simulation.note("transition: " + e.getMessage());
          }
        }
        pause(30);
      }
    }

    private void collect() {
      while (!over) {
        TestCluster.Node node = any();
        if (!node.isDown()) {
          try {
            node.register().collect(KEY, deadline(node));
          } catch (GarageException e) {
            simulation.note("collection: " + e.getMessage());
          }
        }
        pause(60);
      }
    }

    private void crash() {
      while (!healed) {
        pause(20);
        if (simulation.random().nextInt(100) < now.crashPercent()) {
          TestCluster.Node node = any();
          if (!gone.contains(node)) {
            node.crash();
            pause(400);
          }
          if (!gone.contains(node)) {
            node.restart();
          }
        }
      }
    }

    /** Applies the second layout and takes it through its epochs, as the driver would. */
    private void change() {
      pause(200);
      any(now.from()).learn(histories().getLast());
      boolean lost = false;
      while (!over) {
        pause(30);
        LayoutHistory latest = cluster.latest();
        if (!lost && latest.epoch().equals(END)) {
          lost = true;
          lose();
        }
        if (!latest.epoch().isStable() && isReady(latest)) {
          any(now.to()).learn(latest.advance());
        }
        any().learn(latest);
      }
    }

    private boolean isReady(LayoutHistory latest) {
      var set = latest.current().replicaSet(PARTITION).orElseThrow();
      return set.nodes().stream()
              .filter(id -> cluster.node(id).transition().ready(latest.epoch(), PARTITION))
              .count()
          >= set.writeQuorum(ConsistencyMode.CONSISTENT);
    }

    private void client(TestCluster.Node node) {
      @Nullable String known = null;
      for (int i = 0; i < OPERATIONS; i++) {
        pause(120);
        known = operate(node, known);
      }
    }

    private @Nullable String operate(TestCluster.Node node, @Nullable String known) {
      long began = simulation.clock().nanos();
      String value = (simulation.random().nextInt(2) == 0 ? "V" : "v") + ++written;
      return switch (simulation.random().nextInt(6)) {
        case 0 -> write(node, value, began);
        case 1 -> write(node, null, began);
        case 2 -> swap(node, null, value, began);
        case 3 -> swap(node, known, value, began);
        default -> read(node, known, began);
      };
    }

    private @Nullable String write(TestCluster.Node node, @Nullable String value, long began) {
      Operation operation = new Operation.Write(value);
      try {
        node.register().write(KEY, value == null ? "" : value, body(value), deadline(node));
        history.add(operation, began, simulation.clock().nanos());
      } catch (GarageException e) {
        history.addUnknown(operation, began);
      }
      return value;
    }

    private @Nullable String swap(
        TestCluster.Node node, @Nullable String expected, String value, long began) {
      try {
        Condition<String> condition = current -> Objects.equals(current, expected);
        var outcome = node.register().writeIf(KEY, condition, value, body(value), deadline(node));
        boolean done = outcome instanceof ConditionalOutcome.Written<String>;
        history.add(
            done ? new Operation.Swap(expected, value) : new Operation.Refused(expected),
            began,
            simulation.clock().nanos());
        return done ? value : expected;
      } catch (GarageException e) {
        history.addUnknown(new Operation.Swap(expected, value), began);
        return expected;
      }
    }

    private @Nullable String read(TestCluster.Node node, @Nullable String known, long began) {
      try {
        Optional<Version<String>> version = node.register().read(KEY, true, deadline(node));
        history.add(new Operation.Read(value(version)), began, simulation.clock().nanos());
        return value(version);
      } catch (GarageException e) {
        return known; // nothing was said
      }
    }

    private static @Nullable String value(Optional<Version<String>> version) {
      if (version.isEmpty()) {
        return null;
      }
      String value = version.get().value();
      if (Character.isUpperCase(value.charAt(0))) {
        assertEquals(
            value, StandardCharsets.UTF_8.decode(version.get().body().duplicate()).toString());
      }
      return value;
    }

    private static ByteBuffer body(@Nullable String value) {
      return value != null && Character.isUpperCase(value.charAt(0))
          ? ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8))
          : ByteBuffer.allocate(0);
    }

    private static Deadline deadline(TestCluster.Node node) {
      return Deadline.after(node.machine.clock(), PATIENCE);
    }

    private TestCluster.Node any() {
      return cluster.nodes.get(simulation.random().nextInt(cluster.nodes.size()));
    }

    private TestCluster.Node any(String letters) {
      return letters(letters).get(simulation.random().nextInt(letters.length()));
    }

    private List<TestCluster.Node> letters(String letters) {
      return letters.chars().mapToObj(letter -> cluster.nodes.get(letter - 'a')).toList();
    }

    private void pause(int millisMax) {
      simulation.clock().sleep(Duration.ofMillis(1 + simulation.random().nextInt(millisMax)));
    }

    /** The stable first layout, and the second just applied; planned once for the same nodes. */
    private List<LayoutHistory> histories() {
      List<NodeId> ids = cluster.nodes.stream().map(TestCluster.Node::self).toList();
      return layouts.computeIfAbsent(ids, this::plan);
    }

    private List<LayoutHistory> plan(List<NodeId> ids) {
      ReplicationFactor before = new ReplicationFactor(now.from().length());
      LayoutHistory first = LayoutHistory.initial(before);
      for (char letter : now.from().toCharArray()) {
        first = first.stage(new Timestamp(1, 1, 1), ids.get(letter - 'a'), role());
      }
      first = LayoutPlanner.apply(first, 1).history();
      LayoutHistory second = first;
      for (char letter = 'a'; letter < 'a' + ids.size(); letter++) {
        NodeId id = ids.get(letter - 'a');
        boolean was = now.from().indexOf(letter) >= 0;
        boolean is = now.to().indexOf(letter) >= 0;
        if (was && !is) {
          second = second.stageRemoval(new Timestamp(2, 1, 1), id);
        } else if (is && !was) {
          second = second.stage(new Timestamp(2, 1, 1), id, role());
        }
      }
      ReplicationFactor after = new ReplicationFactor(now.to().length());
      second =
          second.stage(
              new Timestamp(2, 1, 1),
              new LayoutParameters(second.current().parameters().zoneRedundancy(), after));
      return List.of(first, LayoutPlanner.apply(second, 2).history());
    }

    private static NodeRole role() {
      return NodeRole.storage(new Zone("z"), new ByteSize(1_000_000_000L), List.of());
    }
  }
}
