package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import garage.common.env.Deadline;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Priority;
import garage.testkit.env.Simulation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * A write that every replica refused begins anew, and so is applied twice if one of them had taken
 * it: that must be told, because a call whose connection is lost before the answer is made again.
 */
final class RefusalTest {
  private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);
  private static final long EPOCH = 5;

  @Test
  void aRefusalTellsWhetherTheVersionWasEverTaken() {
    Simulation.run(
        1,
        simulation -> {
          TestCluster cluster = new TestCluster(simulation, 3, new TestCluster.Faults(0, 0, 1));
          TestCluster.Node from = cluster.nodes.getFirst();
          HybridClock clock = new HybridClock(from.machine.clock(), from.self(), 9);
          Timestamp taken = clock.now();
          Timestamp late = clock.now();
          Timestamp last = clock.now();
          assertInstanceOf(RegisterReply.Yes.class, accept(from, taken, "taken"));
          assertInstanceOf(RegisterReply.Yes.class, accept(from, last, "last"));
          assertEquals(false, refused(from, taken, "taken"), "it is the first answer again");
          assertEquals(true, refused(from, late, "late"));
        });
  }

  private static boolean refused(TestCluster.Node from, Timestamp id, String value) {
    return ((RegisterReply.Refused<String>) accept(from, id, value)).never();
  }

  private static RegisterReply<String> accept(TestCluster.Node from, Timestamp id, String value) {
    var codec = new TestCluster.Texts().codec();
    var endpoint =
        new Endpoint<RegisterMessage<String>, RegisterReply<String>>(
            "register/" + TestCluster.Texts.NAME,
            RegisterMessage.codec(codec),
            RegisterReply.codec(codec));
    return from.call(
        from.self(),
        endpoint,
        new RegisterMessage.Accept<>(EPOCH, KEY, id, id, value, true),
        new CallOptions(
            Priority.CLIENT, Deadline.after(from.machine.clock(), Duration.ofSeconds(20))));
  }
}
