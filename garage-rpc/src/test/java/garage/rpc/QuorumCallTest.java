package garage.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Quorums over nodes that answer, are late, or fail, as each test says. */
final class QuorumCallTest {
  private static final Endpoint<String, String> GET =
      new Endpoint<>("get", VersionedCodec.first(Codec.STRING), VersionedCodec.first(Codec.STRING));
  private static final Duration HEDGE = Duration.ofMillis(20);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final NodeId A = node(1);
  private static final NodeId B = node(2);
  private static final NodeId C = node(3);
  private static final NodeId D = node(4);

  private static NodeId node(int number) {
    return new NodeId(new Bytes32(number, 0, 0, 0));
  }

  /** Nodes without a network: each takes a time, then answers its id or fails. */
  private static final class Nodes implements Rpc, Preference {
    final SimNode world;
    final Map<NodeId, Duration> times = new HashMap<>();
    final Map<NodeId, GarageException> failures = new HashMap<>();
    final List<NodeId> asked = new ArrayList<>();
    final List<NodeId> finished = new ArrayList<>();
    final List<NodeId> cancelled = new ArrayList<>();
    final List<NodeId> late = new ArrayList<>();
    final Set<NodeId> inTime = new TreeSet<>();
    final Stragglers stragglers = new Stragglers();
    final QuorumCall calls;
    Duration notingTakes = Duration.ZERO;

    Nodes(Simulation simulation) {
      world = simulation.node("caller");
      calls = new QuorumCall(this, this, world.clock());
    }

    @Override
    public NodeId self() {
      return A;
    }

    @Override
    public <Q, R> void serve(Endpoint<Q, R> endpoint, Service<Q, R> service) {
      throw new AssertionError("nobody calls this node");
    }

    @Override
    @SuppressWarnings("unchecked") // the tests' only endpoint answers text
    public <Q, R> Payload<R> call(
        NodeId to, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      asked.add(to);
      try {
        world.clock().sleep(times.getOrDefault(to, Duration.ofMillis(1)));
      } catch (GarageException.Cancelled e) {
        cancelled.add(to);
        throw e;
      }
      finished.add(to);
      GarageException failure = failures.get(to);
      if (failure != null) {
        throw failure;
      }
      return (Payload<R>) Payload.of(to.toString());
    }

    @Override
    public <Q, R> Fanout<R> fanout(
        Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      return new ParallelCalls<>(
          this,
          world.clock(),
          world.tasks(),
          new ParallelCalls.Request<>(endpoint, request, options),
          stragglers);
    }

    @Override
    public List<NodeId> order(Collection<NodeId> nodes) {
      return nodes.stream().sorted().toList();
    }

    @Override
    public Duration hedgeAfter(NodeId node, Endpoint<?, ?> endpoint) {
      return HEDGE;
    }

    @Override
    public void late(NodeId node, Endpoint<?, ?> endpoint) {
      late.add(node);
      world.clock().sleep(notingTakes);
    }

    @Override
    public void inTime(NodeId node) {
      inTime.add(node);
    }

    CallOptions options() {
      return new CallOptions(Priority.CLIENT, Deadline.after(world.clock(), SECOND));
    }

    Set<NodeId> read(Quorum... quorums) {
      return from(calls.read(GET, Payload.of("k"), List.of(quorums), options()));
    }

    Set<NodeId> write(Quorum... quorums) {
      return from(calls.write(GET, Payload.of("k"), List.of(quorums), options()));
    }

    private static Set<NodeId> from(List<Answer.Success<String>> answers) {
      Set<NodeId> nodes = new TreeSet<>();
      answers.forEach(answer -> nodes.add(answer.from()));
      return nodes;
    }

    Duration took(Runnable body) {
      long start = world.clock().nanos();
      body.run();
      return Duration.ofNanos(world.clock().nanos() - start);
    }
  }

  private static void run(Consumer<Nodes> body) {
    for (int seed = 0; seed < 10; seed++) {
      Simulation.run(seed, world -> body.accept(new Nodes(world)));
    }
  }

  private static Quorum two(NodeId... nodes) {
    return Quorum.of(List.of(nodes), 2);
  }

  @Test
  void preferenceIsToldWhoWasLateAndWhoWasNot() {
    run(nodes -> {
      nodes.times.put(B, SECOND);
      assertEquals(Set.of(A, C), nodes.read(two(A, B, C)));
      assertEquals(List.of(B), nodes.late);
      assertEquals(Set.of(A, C), nodes.inTime);
    });
  }

  @Test
  void readAsksNoMoreThanItNeedsInOrderOfPreference() {
    run(nodes -> {
      assertEquals(Set.of(A, B), nodes.read(two(C, B, A)));
      assertEquals(Set.of(A, B), Set.copyOf(nodes.asked));
    });
  }

  @Test
  void readGoesToAnotherNodeWhenOneIsLate() {
    run(nodes -> {
      nodes.times.put(A, Duration.ofHours(1));
      Duration took = nodes.took(() -> assertEquals(Set.of(B, C), nodes.read(two(A, B, C))));
      assertTrue(took.compareTo(HEDGE.multipliedBy(2)) < 0, took::toString);
      assertEquals(List.of(A, B, C), nodes.asked.stream().sorted().toList());
      nodes.world.clock().sleep(SECOND);
      assertEquals(List.of(A), nodes.cancelled, "nobody waits for the late one");
    });
  }

  @Test
  void readGoesToAnotherNodeAtOnceWhenOneFails() {
    run(nodes -> {
      nodes.failures.put(B, new GarageException.Unreachable("gone"));
      Duration took = nodes.took(() -> assertEquals(Set.of(A, C), nodes.read(two(A, B, C))));
      assertTrue(took.compareTo(HEDGE) < 0, took::toString);
    });
  }

  @Test
  void lateAnswerStillCounts() {
    run(nodes -> {
      nodes.times.put(A, HEDGE.multipliedBy(2));
      nodes.times.put(C, Duration.ofHours(1));
      assertEquals(Set.of(A, B), nodes.read(two(A, B, C)));
    });
  }

  /** Between the look for answers and the look at who is still to answer. */
  @Test
  void anAnswerThatComesWhileItIsNotedAsLateIsTaken() {
    run(nodes -> {
      nodes.times.put(A, HEDGE.plusMillis(1));
      nodes.notingTakes = Duration.ofMillis(2);
      assertEquals(Set.of(A), nodes.read(Quorum.of(List.of(A), 1)));
      assertEquals(List.of(A), nodes.late);
    });
  }

  @Test
  void readFailsWithTheCausesAsSoonAsItCannotSucceed() {
    run(nodes -> {
      nodes.failures.put(A, new GarageException.Unreachable("gone"));
      nodes.failures.put(B, new GarageException.Corrupt("flipped"));
      nodes.times.put(C, Duration.ofHours(1));
      GarageException[] thrown = new GarageException[1];
      Duration took =
          nodes.took(() ->
              thrown[0] =
                  assertThrows(
                      GarageException.QuorumNotReached.class, () -> nodes.read(two(A, B, C))));
      assertTrue(took.compareTo(HEDGE) < 0, took::toString);
      String message = thrown[0].toString();
      assertTrue(message.contains("gone") && message.contains("flipped"), message);
      assertTrue(message.contains("quorum of 2"), message);
    });
  }

  @Test
  void readFailsAtItsDeadline() {
    run(nodes -> {
      List.of(A, B, C).forEach(node -> nodes.times.put(node, Duration.ofHours(1)));
      Duration took =
          nodes.took(() ->
              assertThrows(GarageException.QuorumNotReached.class, () -> nodes.read(two(A, B, C))));
      assertTrue(took.compareTo(SECOND) >= 0, took::toString);
      assertTrue(took.compareTo(SECOND.plusMillis(50)) < 0, took::toString);
    });
  }

  @Test
  void everySetNeedsItsQuorum() {
    run(nodes -> {
      assertEquals(Set.of(A, B), nodes.read(two(A, B, C), two(A, B, D)));
      nodes.asked.clear();
      nodes.failures.put(B, new GarageException.Unreachable("gone"));
      assertEquals(Set.of(A, C, D), nodes.read(two(A, B, C), two(B, A, D)));
      nodes.failures.put(D, new GarageException.Unreachable("gone"));
      assertThrows(
          GarageException.QuorumNotReached.class, () -> nodes.read(two(A, B, C), two(B, A, D)));
      assertThrows(
          GarageException.QuorumNotReached.class, () -> nodes.write(two(A, B, C), two(B, A, D)));
    });
  }

  @Test
  void writeReturnsAtItsQuorumAndReachesTheOthersAfterwards() {
    run(nodes -> {
      nodes.times.put(C, SECOND.multipliedBy(30));
      Duration took = nodes.took(() -> assertEquals(Set.of(A, B), nodes.write(two(A, B, C))));
      assertTrue(took.compareTo(HEDGE) < 0, took::toString);
      assertFalse(nodes.finished.contains(C));
      nodes.world.clock().sleep(Duration.ofMinutes(1));
      assertTrue(nodes.finished.contains(C), "the third replica was written too");
    });
  }

  @Test
  void writeFailsAsSoonAsItCannotSucceed() {
    run(nodes -> {
      nodes.failures.put(A, new GarageException.Unreachable("gone"));
      nodes.failures.put(B, new GarageException.Unreachable("gone too"));
      nodes.times.put(C, Duration.ofHours(1));
      assertThrows(GarageException.QuorumNotReached.class, () -> nodes.write(two(A, B, C)));
    });
  }

  @Test
  void fullDisksAreToldApart() {
    run(nodes -> {
      nodes.failures.put(A, new GarageException.StorageFull("full"));
      nodes.failures.put(B, new GarageException.StorageFull("full"));
      assertThrows(GarageException.StorageFull.class, () -> nodes.write(two(A, B, C)));
      nodes.failures.put(B, new GarageException.Unreachable("gone"));
      assertThrows(GarageException.QuorumNotReached.class, () -> nodes.write(two(A, B, C)));
    });
  }

  @Test
  void stragglersAreCancelledWhenTheyHoldTooMuch() {
    run(nodes -> {
      nodes.times.put(C, Duration.ofHours(1));
      Payload<String> large = new Payload<>("k", ByteBuffer.allocate(2 << 20));
      int fit = (int) (Stragglers.BYTES_MAX / (2 << 20)) - 1;
      for (int i = 0; i < fit + 2; i++) {
        nodes.calls.write(GET, large, List.of(two(A, B, C)), nodes.options());
      }
      nodes.world.clock().sleep(SECOND);
      assertEquals(2, nodes.cancelled.size());
    });
  }

  @Test
  void cancelledReadCancelsItsCalls() {
    run(nodes -> {
      List.of(A, B).forEach(node -> nodes.times.put(node, Duration.ofHours(1)));
      var task = nodes.world.tasks().start("read", () -> nodes.read(two(A, B)));
      nodes.world.clock().sleep(Duration.ofMillis(10));
      task.cancel();
      task.join();
      nodes.world.clock().sleep(Duration.ofMillis(10));
      assertEquals(List.of(A, B), nodes.cancelled.stream().sorted().toList());
    });
  }
}
