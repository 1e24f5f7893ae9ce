package garage.common.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.check.Invariant.InvariantViolation;
import garage.common.env.Tasks.Task;
import garage.common.error.GarageException;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Gate, mailbox, promise and deadline under many orders of the tasks that use them. */
final class WaitingTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static void underManyOrders(Consumer<Simulation> body) {
    for (int seed = 0; seed < 30; seed++) {
      Simulation.run(seed, body);
    }
  }

  // --- deadline

  @Test
  void deadlinesCompareByWhatIsLeft() {
    underManyOrders(world -> {
      Clock clock = world.node("a").clock();
      Deadline soon = Deadline.after(clock, SECOND);
      Deadline late = Deadline.after(clock, SECOND.multipliedBy(2));
      assertSame(soon, soon.earlier(late));
      assertSame(soon, late.earlier(soon));
      assertSame(soon, Deadline.NEVER.earlier(soon));
      assertSame(soon, soon.earlier(Deadline.NEVER));
      assertEquals(SECOND, soon.remaining(clock));
      assertFalse(soon.expired(clock));
      clock.sleep(SECOND);
      assertTrue(soon.expired(clock));
      assertFalse(late.expired(clock));
      assertFalse(Deadline.NEVER.expired(clock));
      assertEquals(Duration.ZERO, soon.remaining(clock));
      clock.sleep(SECOND);
      assertEquals(Duration.ZERO, soon.remaining(clock));
      assertTrue(Deadline.NEVER.remaining(clock).toDays() > 100_000);
    });
  }

  // --- gate

  @Test
  void gateLetsThroughWhenItsConditionHoldsAndNotBefore() {
    underManyOrders(world -> {
      Gate gate = new Gate(world.clock());
      int[] level = new int[1];
      List<Integer> passed = new ArrayList<>();
      List<Task> waiters = new ArrayList<>();
      for (int i = 1; i <= 5; i++) {
        int wanted = i;
        waiters.add(world.tasks().start("waiter", () -> pass(gate, level, wanted, passed)));
      }
      for (int i = 0; i < 5; i++) {
        world.clock().sleep(SECOND);
        assertEquals(i, passed.size());
        gate.update(() -> level[0]++);
      }
      waiters.forEach(Task::join);
      assertEquals(List.of(1, 2, 3, 4, 5), passed);
    });
  }

  private static void pass(Gate gate, int[] level, int wanted, List<Integer> passed) {
    gate.lock();
    try {
      assertTrue(gate.await(() -> level[0] >= wanted, Deadline.NEVER));
      passed.add(wanted);
    } finally {
      gate.unlock();
    }
  }

  @Test
  void gateGivesUpAtItsDeadlineExactly() {
    underManyOrders(world -> {
      Gate gate = new Gate(world.clock());
      long start = world.clock().nanos();
      gate.lock();
      try {
        assertFalse(gate.await(() -> false, Deadline.after(world.clock(), SECOND)));
        assertTrue(gate.await(() -> true, new Deadline(start)));
      } finally {
        gate.unlock();
      }
      assertEquals(SECOND.toNanos(), world.clock().nanos() - start);
      assertEquals("value", gate.locked(() -> "value"));
    });
  }

  // --- mailbox

  @Test
  void mailboxDeliversEveryItemOnceAndEachSendersInOrder() {
    underManyOrders(world -> {
      Mailbox<Integer> mailbox = new Mailbox<>(world.clock(), 3);
      List<Integer> received = new ArrayList<>();
      List<Task> senders = new ArrayList<>();
      for (int s = 0; s < 5; s++) {
        int sender = s;
        senders.add(
            world
                .tasks()
                .start(
                    "sender",
                    () -> {
                      for (int i = 0; i < 20; i++) {
                        mailbox.put(sender * 100 + i, Deadline.NEVER);
                        assertTrue(mailbox.size() <= 3);
                      }
                    }));
      }
      List<Task> takers =
          IntStream.range(0, 3)
              .mapToObj(t -> world.tasks().start("taker", () -> drain(mailbox, received, t)))
              .toList();
      senders.forEach(Task::join);
      mailbox.close();
      takers.forEach(Task::join);
      assertEquals(100, received.stream().distinct().count());
      assertEquals(100, received.size());
    });
  }

  private static void drain(Mailbox<Integer> mailbox, List<Integer> received, int taker) {
    int[] last = {-1, -1, -1, -1, -1};
    while (true) {
      List<Integer> items = new ArrayList<>(mailbox.takeMany(1 + taker, Deadline.NEVER));
      if (items.isEmpty()) {
        return;
      }
      assertTrue(items.size() <= 1 + taker);
      for (int item : items) {
        assertTrue(item % 100 > last[item / 100], "one sender's items are in order");
        last[item / 100] = item % 100;
        received.add(item);
      }
    }
  }

  @Test
  void fullMailboxMakesTheSenderWaitAndTimeOut() {
    underManyOrders(world -> {
      Mailbox<String> mailbox = new Mailbox<>(world.clock(), 1);
      assertTrue(mailbox.offer("one"));
      assertFalse(mailbox.offer("two"));
      long start = world.clock().nanos();
      assertThrows(
          GarageException.TimedOut.class,
          () -> mailbox.put("two", Deadline.after(world.clock(), SECOND)));
      assertEquals(SECOND.toNanos(), world.clock().nanos() - start);
      assertEquals("one", mailbox.take(Deadline.NEVER));
      mailbox.put("three", Deadline.NEVER);
      assertEquals(1, mailbox.size());
    });
  }

  @Test
  void emptyMailboxAnswersNothingAtTheDeadline() {
    underManyOrders(world -> {
      Mailbox<String> mailbox = new Mailbox<>(world.clock(), 1);
      assertNull(mailbox.take(Deadline.after(world.clock(), SECOND)));
      assertEquals(List.of(), mailbox.takeMany(5, Deadline.after(world.clock(), SECOND)));
    });
  }

  @Test
  void closedMailboxGivesOutWhatItHasAndTakesNothing() {
    underManyOrders(world -> {
      Mailbox<String> mailbox = new Mailbox<>(world.clock(), 2);
      mailbox.offer("one");
      mailbox.offer("two");
      Task blocked =
          world
              .tasks()
              .start(
                  "blocked",
                  () ->
                      assertThrows(
                          GarageException.Unreachable.class,
                          () -> mailbox.put("three", Deadline.NEVER)));
      world.clock().sleep(SECOND);
      mailbox.close();
      blocked.join();
      assertTrue(mailbox.isClosed());
      assertFalse(mailbox.offer("four"));
      assertEquals(List.of("one", "two"), mailbox.takeMany(9, Deadline.NEVER));
      assertNull(mailbox.take(Deadline.NEVER));
    });
  }

  @Test
  void cancelledTakerTakesNoItemWithIt() {
    underManyOrders(world -> {
      Mailbox<Integer> mailbox = new Mailbox<>(world.clock(), 10);
      List<Integer> taken = new ArrayList<>();
      Task taker =
          world
              .tasks()
              .start(
                  "taker",
                  () -> {
                    while (true) {
                      Integer item = mailbox.take(Deadline.NEVER);
                      if (item != null) {
                        taken.add(item);
                      }
                    }
                  });
      for (int i = 0; i < 5; i++) {
        mailbox.put(i, Deadline.NEVER);
        world.clock().sleep(Duration.ofNanos(world.random().nextInt(2)));
      }
      taker.cancel();
      taker.join();
      assertEquals(5, taken.size() + mailbox.size());
    });
  }

  @Test
  void mailboxHoldsAtLeastOneItem() {
    Simulation.run(
        1,
        world ->
            assertThrows(InvariantViolation.class, () -> new Mailbox<String>(world.clock(), 0)));
  }

  // --- promise

  @Test
  void promiseDeliversItsFirstValueToEveryWaiter() {
    underManyOrders(world -> {
      Promise<String> promise = new Promise<>(world.clock());
      List<String> seen = new ArrayList<>();
      List<Task> waiters =
          IntStream.range(0, 5)
              .mapToObj(
                  i -> world.tasks().start("waiter", () -> seen.add(promise.await(Deadline.NEVER))))
              .toList();
      assertFalse(promise.isDone());
      assertTrue(promise.complete("first"));
      assertFalse(promise.complete("second"));
      assertFalse(promise.fail(new GarageException.Corrupt("third")));
      waiters.forEach(Task::join);
      assertEquals(List.of("first", "first", "first", "first", "first"), seen);
      assertTrue(promise.isDone());
    });
  }

  @Test
  void promiseDeliversItsFailure() {
    underManyOrders(world -> {
      Promise<String> promise = new Promise<>(world.clock());
      world.clock().schedule(SECOND, () -> promise.fail(new GarageException.Corrupt("broken")));
      assertThrows(GarageException.Corrupt.class, () -> promise.await(Deadline.NEVER));
      assertFalse(promise.complete("late"));
    });
  }

  @Test
  void promiseTimesOutAndCanStillBeKept() {
    underManyOrders(world -> {
      Promise<String> promise = new Promise<>(world.clock());
      assertThrows(
          GarageException.TimedOut.class,
          () -> promise.await(Deadline.after(world.clock(), SECOND)));
      assertTrue(promise.complete("late"));
      assertEquals("late", promise.await(Deadline.after(world.clock(), Duration.ZERO)));
    });
  }
}
