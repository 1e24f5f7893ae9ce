package garage.rpc.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Promise;
import garage.common.env.Tasks;
import garage.common.id.NodeId;
import garage.rpc.Priority;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What all peers of a node together may make it hold. */
final class CreditPoolTest {
  private static final int PEERS = 20;
  private static final int MESSAGE = 256 * 1024;
  private static final Duration LONG = Duration.ofMinutes(10);

  /** A node whose handlers do not end before they may, and its peers. */
  private static final class World {
    final Simulation simulation;
    final SimNode node;
    final Promise<Boolean> mayEnd;
    final AtomicInteger held = new AtomicInteger();
    final List<Caller> callers = new ArrayList<>();
    final List<Tasks.Task> calls = new ArrayList<>();

    World(Simulation simulation) {
      this.simulation = simulation;
      this.node = simulation.node("node");
      this.mayEnd = new Promise<>(node.clock());
      CreditPool pool = new CreditPool();
      node.network().listen(new Address("0.0.0.0", 3901), connection -> serve(connection, pool));
    }

    private void serve(Connection connection, CreditPool pool) {
      new Responder(connection, this::hold, node.clock(), node.tasks(), pool).run();
    }

    private Message hold(
        String endpoint, @Nullable NodeId from, Message request, Deadline deadline) {
      held.addAndGet(request.length());
      mayEnd.await(deadline);
      held.addAndGet(-request.length());
      return new Message(ByteBuffer.allocate(1), ByteBuffer.allocate(0));
    }

    /** A peer with more to send than it may. */
    void peer(int number) {
      SimNode peer = simulation.node("peer" + number);
      Deadline deadline = Deadline.after(peer.clock(), LONG);
      Caller caller =
          Caller.start(
              peer.network().connect(node.address(3901), deadline),
              peer.clock(),
              peer.tasks(),
              _ -> {});
      callers.add(caller);
      Message message = new Message(ByteBuffer.allocate(1), ByteBuffer.allocate(MESSAGE));
      for (int i = 0; i < 2 * WireLimits.CREDIT_BYTES / MESSAGE; i++) {
        calls.add(
            peer.tasks().start("call", () -> caller.call("e", message, Priority.CLIENT, deadline)));
      }
    }

    int heldSoon() {
      simulation.clock().sleep(Duration.ofSeconds(30));
      return held.get();
    }
  }

  @Test
  void howeverManyPeersThereAreTheyHaveNoMoreThanIsLentAndALittleEach() {
    Simulation.run(
        1,
        simulation -> {
          World world = new World(simulation);
          world.peer(0);
          int one = world.heldSoon();
          assertTrue(
              one > WireLimits.CREDIT_BYTES - 2 * MESSAGE && one <= WireLimits.CREDIT_BYTES,
              one + " bytes of one peer");
          for (int i = 1; i < PEERS; i++) {
            world.peer(i);
          }
          int all = world.heldSoon();
          int most = WireLimits.lentMax(Priority.CLIENT) + PEERS * WireLimits.CREDIT_FIRST_BYTES;
          assertTrue(all > most - PEERS * 2 * MESSAGE && all <= most, all + " bytes of all");

          world.mayEnd.complete(true);
          world.calls.forEach(Tasks.Task::join);
          assertEquals(0, world.held.get(), "each was served");
        });
  }

  @Test
  void whatAConnectionWasLentIsForOthersWhenItHasEnded() {
    CreditPool pool = new CreditPool();
    List<CreditPool.Loan> loans = new ArrayList<>();
    int lent = 0;
    while (lent < WireLimits.lentMax(Priority.CLIENT)) {
      CreditPool.Loan loan = pool.lend();
      loans.add(loan);
      lent += loan.bytes().getOrDefault(Priority.CLIENT, 0);
    }
    assertEquals(WireLimits.lentMax(Priority.CLIENT), lent);
    assertEquals(CreditPool.NO_LOAN, pool.lend());
    pool.giveBack(loans.getFirst());
    assertEquals(
        WireLimits.CREDIT_BYTES - WireLimits.CREDIT_FIRST_BYTES,
        pool.lend().bytes().get(Priority.CLIENT));
  }
}
