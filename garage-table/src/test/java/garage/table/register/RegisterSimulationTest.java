package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.table.register.History.Operation;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random operations of several clients on one register whose replicas are reached by delayed, lost
 * and repeated calls and have skewed clocks: every history must be linearizable, and a lone reader
 * after the faults must get an answer. A failing seed is in the message and replays exactly.
 */
final class RegisterSimulationTest {
  private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);
  private static final int CLIENTS = 4;
  private static final int OPERATIONS = 6;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @ParameterizedTest
  @CsvSource({"3, 0, 0, 150", "3, 12, 10, 250", "3, 0, 60, 400", "5, 8, 10, 100", "1, 0, 10, 50"})
  void everyHistoryIsLinearizable(int replicas, int loss, int duplicates, int seeds) {
    for (long seed = 1; seed <= seeds; seed++) {
      History history = new History();
      TestCluster.Faults faults = new TestCluster.Faults(loss, duplicates, 12);
      Simulation.run(seed, simulation -> new Run(simulation, replicas, faults, history).run());
      assertTrue(history.size() > CLIENTS, "something happened");
      assertTrue(history.isLinearizable(), "seed " + seed + "\n" + history);
    }
  }

  private static final class Run {
    private final Simulation simulation;
    private final TestCluster cluster;
    private final History history;
    private int written;

    Run(Simulation simulation, int replicas, TestCluster.Faults faults, History history) {
      this.simulation = simulation;
      this.cluster = new TestCluster(simulation, replicas, faults);
      this.history = history;
    }

    void run() {
      for (TestCluster.Node node : cluster.nodes) {
        node.machine.jumpWall(Duration.ofMillis(simulation.random().nextInt(4_000)));
      }
      List<Tasks.Task> clients = new ArrayList<>();
      for (int c = 0; c < CLIENTS; c++) {
        TestCluster.Node node = cluster.nodes.get(c % cluster.nodes.size());
        clients.add(simulation.tasks().start("client " + c, () -> client(node)));
      }
      clients.forEach(Tasks.Task::join);
      cluster.heal();
      long began = simulation.clock().nanos();
      Optional<Version<String>> last =
          cluster.nodes.getLast().register().read(KEY, true, deadline(cluster.nodes.getLast()));
      history.add(new Operation.Read(value(last)), began, simulation.clock().nanos());
    }

    private void client(TestCluster.Node node) {
      @Nullable String known = null;
      for (int i = 0; i < OPERATIONS; i++) {
        simulation.clock().sleep(Duration.ofMillis(simulation.random().nextInt(30)));
        known = operate(node, known);
      }
    }

    private @Nullable String operate(TestCluster.Node node, @Nullable String known) {
      long began = simulation.clock().nanos();
      String value = (simulation.random().nextInt(2) == 0 ? "V" : "v") + ++written;
      return switch (simulation.random().nextInt(5)) {
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
      } catch (GarageException.QuorumNotReached e) {
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
      } catch (GarageException.QuorumNotReached e) {
        history.addUnknown(new Operation.Swap(expected, value), began);
        return expected;
      }
    }

    private @Nullable String read(TestCluster.Node node, @Nullable String known, long began) {
      try {
        Optional<Version<String>> version = node.register().read(KEY, true, deadline(node));
        history.add(new Operation.Read(value(version)), began, simulation.clock().nanos());
        return value(version);
      } catch (GarageException.QuorumNotReached e) {
        return known; // nothing was said
      }
    }

    /** The value, checked against its body. */
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
  }
}
