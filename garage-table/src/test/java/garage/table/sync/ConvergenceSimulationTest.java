package garage.table.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.layout.LayoutHistory;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.ReplicationFactor;
import garage.layout.Zone;
import garage.layout.assign.LayoutPlanner;
import garage.table.replication.Replicas;
import garage.table.sync.SyncCluster.Faults;
import garage.table.sync.SyncCluster.Mark;
import garage.table.sync.SyncCluster.Node;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Replicas that lost messages, crashed, were away for long or lost their disk: once the faults end
 * they become identical by themselves, with all that was acknowledged, and without what was
 * deleted. A failing seed is in the message and replays exactly.
 */
final class ConvergenceSimulationTest {
  private static final Duration CONVERGED = Duration.ofMinutes(60);

  @ParameterizedTest
  @CsvSource({"0, 0, 4", "15, 0, 8", "10, 15, 16"})
  void replicasAreIdenticalAfterFaults(int loss, int repeat, int seeds) {
    for (long seed = 1; seed <= seeds; seed++) {
      Faults faults = new Faults(loss, repeat, 900);
      Simulation.run(seed, simulation -> new Run(simulation, faults).run());
    }
  }

  @Test
  void wipedNodeGetsEverythingBack() {
    Simulation.run(
        1,
        simulation -> {
          Run run = new Run(simulation, Faults.NONE);
          for (int i = 0; i < 400; i++) {
            run.insert(run.cluster.nodes.get(0));
            run.write(run.cluster.nodes.get(1));
          }
          run.settled();
          run.cluster.nodes.get(2).wipe();
          assertTrue(run.cluster.nodes.get(2).marks().isEmpty());
          run.settled();
          run.check();
        });
  }

  @Test
  void lateMessageDoesNotBringACollectedRowBack() {
    for (long seed = 1; seed <= 20; seed++) {
      Simulation.run(
          seed,
          simulation -> {
            // every message is handled once more, up to half an hour later
            Run run = new Run(simulation, new Faults(0, 100, 1_800));
            for (int i = 0; i < 12; i++) {
              run.insert(run.anyNode());
            }
            List.copyOf(run.live.keySet()).forEach(name -> run.delete(run.anyNode(), name));
            for (int i = 0; i < 40; i++) {
              simulation.clock().sleep(Duration.ofSeconds(60));
              run.table(run.anyNode());
            }
            run.cluster.heal();
            run.settled();
            run.check();
            run.cluster.nodes.forEach(
                node -> assertEquals(List.of(), node.marks(), "all collected"));
          });
    }
  }

  @Test
  void tombstonesStayWhileAReplicaIsAwayAndGoWhenItIsBack() {
    Simulation.run(
        3,
        simulation -> {
          Run run = new Run(simulation, Faults.NONE);
          for (int i = 0; i < 10; i++) {
            run.insert(run.cluster.nodes.getFirst());
          }
          simulation.clock().sleep(Duration.ofSeconds(1));
          Node away = run.cluster.nodes.get(2);
          away.crash();
          List.copyOf(run.live.keySet())
              .forEach(name -> run.delete(run.cluster.nodes.get(0), name));
          simulation.clock().sleep(Duration.ofHours(2));
          assertEquals(10, run.cluster.nodes.getFirst().marks().size(), "kept as tombstones");
          away.start();
          assertFalse(away.marks().stream().anyMatch(Mark::deleted), "it has missed the deletion");
          run.eventually(
              "collected",
              () -> run.cluster.nodes.stream().allMatch(node -> node.marks().isEmpty()));
        });
  }

  @Test
  void newReplicaTakesEverythingAndAnOldOneDropsItOnlyThen() {
    for (long seed = 1; seed <= 4; seed++) {
      Simulation.run(
          seed,
          simulation -> {
            Run run = new Run(simulation, Faults.NONE);
            List<Node> nodes = run.cluster.nodes;
            for (int i = 0; i < 60; i++) {
              run.insert(nodes.get(i % 3));
              run.write(nodes.get(i % 3));
            }
            Replicas.Counting old = SyncCluster.majority(nodes.subList(0, 3));
            Replicas.Counting next = SyncCluster.majority(nodes.subList(1, 4));
            run.cluster.layout(6, List.of(old), List.of(nodes.get(3).self()));
            run.eventually("copied", () -> run.roots(nodes.subList(0, 4)) == 1);
            run.cluster.layout(7, List.of(old, next), List.of());
            simulation.clock().sleep(Duration.ofMinutes(1));
            nodes.get(2).crash();
            run.cluster.layout(8, List.of(next), List.of());
            simulation.clock().sleep(Duration.ofMinutes(40));
            assertFalse(nodes.getFirst().marks().isEmpty(), "kept while a new replica is away");
            nodes.get(2).start();
            run.eventually("dropped", () -> nodes.getFirst().marks().isEmpty());
            assertEquals(1, run.roots(nodes.subList(1, 4)));
            run.live.forEach(
                (name, value) -> assertEquals(value, run.values(nodes.get(3)).get(name)));
          });
    }
  }

  /** The others have deleted them, and forgotten that they had. */
  @Test
  void rowsLeftFromAnEarlierLayoutDoNotComeBackWithTheirNode() {
    for (long seed = 1; seed <= 4; seed++) {
      Simulation.run(
          seed,
          simulation -> {
            Run run = new Run(simulation, Faults.NONE);
            List<Node> nodes = run.cluster.nodes;
            LayoutHistory first =
                layout(LayoutHistory.initial(new ReplicationFactor(3)), "abc", run);
            run.cluster.layout(first);
            for (int i = 0; i < 12; i++) {
              run.insert(nodes.get(i % 3));
            }
            run.settled();
            Node back = nodes.get(2);
            back.crash();
            LayoutHistory second = layout(first, "abd", run);
            run.change(second);
            List.copyOf(run.live.keySet()).forEach(name -> run.delete(nodes.getFirst(), name));
            run.eventually(
                "collected", () -> nodes.stream().allMatch(n -> n == back || n.marks().isEmpty()));
            run.cluster.layout(layout(second.settle(), "bcd", run));
            back.start();
            assertEquals(12, back.marks().size(), "it has missed everything");
            run.change(layout(second.settle(), "bcd", run));
            simulation.clock().sleep(Duration.ofMinutes(30));
            run.table(nodes.get(1));
            nodes.forEach(node -> assertEquals(List.of(), node.marks(), node.machine.name()));
          });
    }
  }

  /** The next layout, of the nodes of these letters; just applied. */
  private static LayoutHistory layout(LayoutHistory before, String letters, Run run) {
    LayoutHistory next = before;
    Timestamp at = new Timestamp(before.current().number() + 1, 1, 1);
    for (int i = 0; i < run.cluster.nodes.size(); i++) {
      NodeId id = run.cluster.nodes.get(i).self();
      boolean is = letters.indexOf('a' + i) >= 0;
      if (is) {
        NodeRole role = NodeRole.storage(new Zone("z"), new ByteSize(1_000_000_000L), List.of());
        next = next.stage(at, id, role);
      } else if (next.current().role(id).isPresent()) {
        next = next.stageRemoval(at, id);
      }
    }
    return LayoutPlanner.apply(next, before.current().number() + 1).history();
  }

  private static final class Run {
    private final Simulation simulation;
    private final SyncCluster cluster;
    private final TreeMap<String, Long> live = new TreeMap<>();
    private final TreeSet<String> deleted = new TreeSet<>();
    private final List<String> texts = new ArrayList<>();
    private int names;

    Run(Simulation simulation, Faults faults) {
      this.simulation = simulation;
      this.cluster = new SyncCluster(simulation, 3, 1, faults);
      cluster.nodes.forEach(
          node -> node.machine.jumpWall(Duration.ofMillis(simulation.random().nextInt(3_000))));
    }

    void run() {
      for (int i = 0; i < 60; i++) {
        simulation.clock().sleep(Duration.ofMillis(simulation.random().nextInt(4_000)));
        operate(anyNode());
        disturb();
      }
      cluster.heal();
      cluster.nodes.stream().filter(node -> node.away).forEach(Node::start);
      settled();
      check();
    }

    Node anyNode() {
      return cluster.nodes.get(simulation.random().nextInt(3));
    }

    private void operate(Node node) {
      if (node.away) {
        return;
      }
      switch (simulation.random().nextInt(6)) {
        case 0, 1 -> insert(node);
        case 2 -> {
          if (!live.isEmpty()) {
            delete(node, live.firstKey());
          }
        }
        case 3 -> table(node);
        default -> write(node);
      }
    }

    private void disturb() {
      Node node = anyNode();
      int dice = simulation.random().nextInt(20);
      if (node.away) {
        if (dice < 8) {
          node.start();
        }
      } else if (cluster.nodes.stream().noneMatch(n -> n.away)) {
        if (dice == 0) {
          node.crash();
        } else if (dice == 1 && wiped == 0) {
          wiped++;
          settled(); // a second copy must be there before one is lost
          node.wipe();
          settled();
        }
      }
    }

    /** Takes the cluster through a change of layout. */
    void change(LayoutHistory applied) {
      LayoutHistory step = applied;
      while (true) {
        cluster.layout(step);
        simulation.clock().sleep(Duration.ofMinutes(2));
        if (step.epoch().isStable()) {
          return;
        }
        step = step.advance();
      }
    }

    private int wiped;

    void insert(Node node) {
      String name = "m" + names++;
      try {
        node.table().insert(new Mark("g" + names % 7, name, names, false), node.deadline(30));
        live.put(name, (long) names);
      } catch (GarageException e) {
        simulation.note("insert of " + name + ": " + e.getMessage());
      }
    }

    void delete(Node node, String name) {
      long value = Objects.requireNonNull(live.remove(name));
      deleted.add(name);
      try {
        node.table().insert(new Mark("g" + value % 7, name, value, true), node.deadline(30));
      } catch (GarageException e) {
        deleted.remove(name); // it may live or not
        simulation.note("deletion of " + name + ": " + e.getMessage());
      }
    }

    /** Reads everything, which repairs what it sees. */
    void table(Node node) {
      for (int group = 0; group < 7 && !node.away; group++) {
        try {
          node
              .table()
              .range(
                  SyncCluster.Marks.partitionKey("g" + group), new byte[0], 100, node.deadline(30))
              .stream()
              .filter(mark -> deleted.contains(mark.name()))
              .forEach(mark -> assertTrue(mark.deleted(), mark + " came back"));
        } catch (GarageException e) {
          simulation.note("read: " + e.getMessage());
        }
      }
    }

    void write(Node node) {
      String key = "k" + simulation.random().nextInt(20);
      int kind = simulation.random().nextInt(4);
      String text = kind == 0 ? "" : (kind == 1 ? "T" : "t") + texts.size();
      byte[] body = kind == 1 ? text.getBytes(StandardCharsets.UTF_8) : new byte[0];
      try {
        node.register().write(bytes(key), text, ByteBuffer.wrap(body), node.deadline(30));
        texts.add(text);
      } catch (GarageException e) {
        simulation.note("write: " + e.getMessage());
      }
    }

    void settled() {
      eventually(
          "replicas are identical",
          () ->
              cluster.nodes.subList(0, 3).stream().noneMatch(n -> n.away)
                  && roots(cluster.nodes.subList(0, 3)) == 1
                  && cluster.nodes.subList(0, 3).stream()
                      .allMatch(n -> n.marks().stream().noneMatch(Mark::deleted)));
    }

    void eventually(String what, BooleanSupplier holds) {
      long end = simulation.clock().nanos() + CONVERGED.toNanos();
      while (!holds.getAsBoolean()) {
        assertTrue(
            simulation.clock().nanos() < end,
            () -> "not within " + CONVERGED + ": " + what + "\n" + state());
        simulation.clock().sleep(Duration.ofSeconds(5));
      }
    }

    private String state() {
      StringBuilder text = new StringBuilder();
      for (Node node : cluster.nodes) {
        text.append(node.machine.name()).append(' ').append(node.away ? "away" : node.workers());
        text.append("\n  ").append(node.marks()).append('\n');
        for (Partition partition : node.partitions()) {
          MerkleIndex index = node.register().synced().index();
          List<byte[]> keys =
              index.rows(partition, MerkleIndex.Position.START, 100).stream()
                  .map(MerkleIndex.Leaf::rowKey)
                  .toList();
          for (byte[] key : keys) {
            text.append(' ').append(new String(key, StandardCharsets.UTF_8));
            text.append('=').append(Long.toHexString(index.digest(partition, key)));
          }
        }
        text.append('\n');
      }
      return text.toString();
    }

    long roots(List<Node> of) {
      return of.stream()
          .map(node ->
              List.of(Partition.of(0), Partition.of(1)).stream()
                  .map(p ->
                      List.of(
                          node.table().synced().index().root(p),
                          node.register().synced().index().root(p)))
                  .toList())
          .distinct()
          .count();
    }

    Map<String, Long> values(Node node) {
      Map<String, Long> values = new TreeMap<>();
      node.marks().forEach(mark -> values.put(mark.name(), mark.value()));
      return values;
    }

    void check() {
      for (Node node : cluster.nodes.subList(0, 3)) {
        Map<String, Long> values = values(node);
        live.forEach((name, value) -> assertEquals(value, values.get(name), name + " is there"));
        deleted.forEach(name -> assertFalse(values.containsKey(name), name + " is gone"));
      }
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }
}
