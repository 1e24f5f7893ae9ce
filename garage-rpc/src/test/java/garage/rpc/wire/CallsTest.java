package garage.rpc.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.env.Promise;
import garage.common.env.Tasks;
import garage.common.error.ErrorCode;
import garage.common.error.GarageException;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.testkit.env.LinkFaults;
import garage.testkit.env.SeededRandom;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Both ends of a connection together, over the simulated network. */
final class CallsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** Answers with the request after a wait that the seed chooses. */
  private static Dispatcher slowEcho(Ends ends, Duration max) {
    return (endpoint, from, request, deadline) -> {
      ends.far
          .clock()
          .sleep(Duration.ofMillis(ends.world.random().nextInt((int) max.toMillis() + 1)));
      return request;
    };
  }

  @Test
  void everyCallGetsItsOwnAnswerWhateverTheOrder() {
    for (int seed = 0; seed < 25; seed++) {
      Simulation.run(seed, CallsTest::manyCalls);
    }
  }

  private static void manyCalls(Simulation world) {
    Ends ends = new Ends(world);
    ends.serve(slowEcho(ends, Duration.ofMillis(50)));
    Caller caller = ends.caller();
    SeededRandom random = world.random();
    AtomicInteger answered = new AtomicInteger();
    List<Tasks.Task> calls = new ArrayList<>();
    int count = 1 + random.nextInt(60);
    for (int i = 0; i < count; i++) {
      Message request = Ends.message("call " + i, random.nextInt(3) * random.nextInt(100_000));
      Priority priority = Frame.PRIORITIES.get(random.nextInt(3));
      Duration patience = Duration.ofMillis(1 + random.nextInt(200));
      Tasks.Task task =
          ends.near
              .tasks()
              .start(
                  "call " + i,
                  () -> answered.addAndGet(call(ends, caller, request, priority, patience)));
      if (random.chance(0.2)) {
        task.cancel();
      }
      calls.add(task);
    }
    calls.forEach(Tasks.Task::join);
    assertTrue(count < 10 || answered.get() > 0, "some calls are answered in time");
    world.clock().sleep(SECOND);
    if (world.seed() % 5 != 0) {
      return; // the check below moves much memory
    }
    for (Priority priority : Frame.PRIORITIES) { // no credit and no place was lost
      Message largest = Ends.message("", Rpc.MESSAGE_BYTES_MAX);
      assertEquals(largest, caller.call("e", largest, priority, ends.soon()));
    }
  }

  private static int call(
      Ends ends, Caller caller, Message request, Priority priority, Duration patience) {
    try {
      assertEquals(request, caller.call("e", request, priority, ends.after(patience)));
      return 1;
    } catch (GarageException.TimedOut | GarageException.Cancelled e) {
      return 0;
    }
  }

  @Test
  void slowHandlerDoesNotDelayOtherCalls() {
    Simulation.run(
        1,
        world -> {
          Ends ends = new Ends(world);
          ends.serve((endpoint, from, request, deadline) -> {
            ends.far.clock().sleep(endpoint.equals("slow") ? SECOND.multipliedBy(50) : SECOND);
            return request;
          });
          Caller caller = ends.caller();
          for (int i = 0; i < 20; i++) {
            ends.near
                .tasks()
                .start("slow", () -> Ends.outcome(caller, "slow", Priority.CLIENT, ends.soon()));
          }
          assertEquals(
              "x",
              Ends.outcome(caller, "quick", Priority.CLIENT, ends.after(Duration.ofMillis(1100))));
        });
  }

  @Test
  void backgroundTransferDoesNotDelayAClient() {
    Simulation.run(
        2,
        world -> {
          Ends ends = new Ends(world);
          world.network().faults(LinkFaults.NONE.withDelay(millis(10), millis(10)));
          ends.serve((endpoint, from, request, deadline) -> request);
          Caller caller = ends.caller();
          Promise<Boolean> done = new Promise<>(ends.near.clock());
          ends.near
              .tasks()
              .start(
                  "repair",
                  () -> {
                    Message large = Ends.message("", Rpc.MESSAGE_BYTES_MAX);
                    caller.call("e", large, Priority.BACKGROUND, ends.soon());
                    done.complete(true);
                  });
          world.clock().sleep(millis(100));
          Deadline threeRoundTrips = ends.after(millis(75));
          assertEquals("x", Ends.outcome(caller, "e", Priority.CLIENT, threeRoundTrips));
          assertFalse(done.isDone(), "the transfer was still under way");
          assertTrue(done.await(ends.soon()));
        });
  }

  private static Duration millis(int count) {
    return Duration.ofMillis(count);
  }

  @Test
  void failureOfTheHandlerKeepsItsTypeAndMessage() {
    Simulation.run(
        3,
        world -> {
          Ends ends = new Ends(world);
          ends.serve((endpoint, from, request, deadline) -> {
            throw GarageException.of(ErrorCode.valueOf(endpoint), "because");
          });
          Caller caller = ends.caller();
          for (ErrorCode code : ErrorCode.values()) {
            Message request = Ends.message("x", 0);
            GarageException e =
                assertThrows(
                    GarageException.class,
                    () -> caller.call(code.name(), request, Priority.CLIENT, ends.soon()));
            assertEquals(code, e.code());
            assertEquals("because", e.getMessage());
          }
        });
  }

  @Test
  void bugInAHandlerEndsItsCallAlone() {
    Simulation.run(
        4,
        world -> {
          Ends ends = new Ends(world);
          ends.serve((endpoint, from, request, deadline) -> {
            if (endpoint.equals("bug")) {
              throw new IllegalStateException("bug");
            }
            return request;
          });
          Caller caller = ends.caller();
          assertEquals("INTERNAL", Ends.outcome(caller, "bug", Priority.CLIENT, ends.soon()));
          assertEquals("x", Ends.outcome(caller, "fine", Priority.CLIENT, ends.soon()));
        });
  }

  @Test
  void deadlineTravelsWithTheCall() {
    Simulation.run(
        5,
        world -> {
          Ends ends = new Ends(world);
          Promise<Duration> left = new Promise<>(ends.far.clock());
          ends.serve((endpoint, from, request, deadline) -> {
            left.complete(deadline.remaining(ends.far.clock()));
            return request;
          });
          assertEquals(
              "x", Ends.outcome(ends.caller(), "e", Priority.CLIENT, ends.after(millis(700))));
          Duration seen = left.await(Deadline.after(ends.far.clock(), SECOND));
          assertTrue(seen.compareTo(millis(700)) <= 0, seen::toString);
          assertTrue(seen.compareTo(millis(600)) > 0, seen::toString);
        });
  }

  @Test
  void handlerIsCancelledWhenTheCallerGivesUp() {
    Simulation.run(
        6,
        world -> {
          Ends ends = new Ends(world);
          Promise<GarageException> stopped = new Promise<>(ends.far.clock());
          ends.serve((endpoint, from, request, deadline) -> waitForEver(ends, stopped));
          assertEquals(
              "TIMED_OUT",
              Ends.outcome(ends.caller(), "e", Priority.CLIENT, ends.after(millis(100))));
          assertInstanceOf(
              GarageException.Cancelled.class,
              stopped.await(Deadline.after(ends.far.clock(), SECOND)));
        });
  }

  private static Message waitForEver(Ends ends, Promise<GarageException> stopped) {
    try {
      ends.far.clock().sleep(Duration.ofDays(1));
      throw new AssertionError("nobody waits so long");
    } catch (GarageException.Cancelled e) {
      stopped.complete(e);
      throw e;
    }
  }

  @Test
  void callsUnderWayFailAndHandlersStopWhenTheConnectionEnds() {
    Simulation.run(
        7,
        world -> {
          Ends ends = new Ends(world);
          Promise<GarageException> stopped = new Promise<>(ends.far.clock());
          ends.serve((endpoint, from, request, deadline) -> waitForEver(ends, stopped));
          Caller caller = ends.caller();
          Promise<String> outcome = new Promise<>(ends.near.clock());
          ends.near
              .tasks()
              .start(
                  "call",
                  () -> outcome.complete(Ends.outcome(caller, "e", Priority.CLIENT, ends.soon())));
          world.clock().sleep(SECOND);
          world.network().reset(ends.near, ends.far);
          assertEquals("UNREACHABLE", outcome.await(ends.after(SECOND)));
          assertInstanceOf(
              GarageException.Cancelled.class,
              stopped.await(Deadline.after(ends.far.clock(), SECOND)));
          assertTrue(caller.isEnded());
          assertEquals("UNREACHABLE", Ends.outcome(caller, "e", Priority.CLIENT, ends.soon()));
        });
  }

  /** A peer that asks and does not read: what it asks for is not produced without bound. */
  @Test
  void answersForASlowPeerAreBounded() {
    Simulation.run(
        8,
        world -> {
          Ends ends = new Ends(world);
          AtomicInteger begun = new AtomicInteger();
          int answerBytes = 1 << 20;
          ends.serve((endpoint, from, request, deadline) -> {
            begun.incrementAndGet();
            return Ends.message("", answerBytes);
          });
          for (int id = 1; id <= 200; id++) {
            ends.nearConnection.send(call(id).header());
            world.clock().sleep(millis(20)); // the first answers tell how large they are
          }
          world.clock().sleep(SECOND);
          int most = WireLimits.ANSWER_BYTES_MAX / answerBytes + 2;
          assertTrue(begun.get() <= most, () -> begun + " answers wait");
          assertTrue(begun.get() > 1);
        });
  }

  /** As many calls as there may be, each cancelled: the limit counts those still under way. */
  @Test
  void cancelledCallsMakeRoomOnceTheyHaveEnded() {
    Simulation.run(
        9,
        world -> {
          Ends ends = new Ends(world);
          ends.serve(slowEcho(ends, millis(10)));
          Caller caller = ends.caller();
          int max = WireLimits.callsMax(Priority.BACKGROUND);
          for (int round = 0; round < 3; round++) {
            List<Tasks.Task> calls = new ArrayList<>();
            for (int i = 0; i < max; i++) {
              calls.add(
                  ends.near
                      .tasks()
                      .start(
                          "c",
                          () ->
                              Ends.outcome(
                                  caller, "e", Priority.BACKGROUND, ends.after(millis(3)))));
            }
            calls.forEach(Tasks.Task::join);
          }
          assertEquals("x", Ends.outcome(caller, "e", Priority.BACKGROUND, ends.soon()));
        });
  }

  private static Frame.Call call(long id) {
    return new Frame.Call(id, Priority.CLIENT, "e", 60_000, 0, 0, Frame.NO_CHUNK);
  }

  @Test
  void framesThatNoHonestPeerSendsEndTheConnection() {
    ByteBuffer nothing = Frame.NO_CHUNK;
    List<List<Frame>> hostile =
        List.of(
            List.of(call(1), call(1)),
            List.of(call(2), call(1)),
            List.of(new Frame.Data(1, nothing)),
            List.of(new Frame.Cancel(1)),
            List.of(new Frame.Credit(Priority.CLIENT, 1)),
            List.of(new Frame.Lent(Priority.CLIENT, 1)),
            List.of(new Frame.Answer(1, 0, 0, nothing)),
            List.of(new Frame.Failed(1, ErrorCode.INTERNAL, "no")),
            List.of(new Frame.Call(1, Priority.CLIENT, "e", 1, 1 << 30, 0, nothing)),
            List.of(new Frame.Call(1, Priority.CLIENT, "e", 1, 1, 0, nothing)));
    for (List<Frame> frames : hostile) {
      Simulation.run(
          10,
          world -> {
            Ends ends = new Ends(world);
            ends.serve(slowEcho(ends, SECOND));
            for (Frame frame : frames) {
              ends.nearConnection.send(frame.header());
            }
            assertTrue(endsSoon(ends), frames::toString);
          });
    }
  }

  @Test
  void moreCallsOrBytesThanTheLimitsEndTheConnection() {
    Simulation.run(
        11,
        world -> {
          Ends ends = new Ends(world);
          ends.serve(slowEcho(ends, Duration.ofHours(1)));
          for (int id = 1; id <= WireLimits.callsMax(Priority.CLIENT) + 1; id++) {
            ends.nearConnection.send(call(id).header());
          }
          assertTrue(endsSoon(ends));
        });
    Simulation.run(
        12,
        world -> {
          Ends ends = new Ends(world);
          ends.serve(slowEcho(ends, Duration.ofHours(1)));
          ByteBuffer chunk = ByteBuffer.allocate(WireLimits.CHUNK_BYTES);
          for (int id = 1; id <= 2; id++) {
            int bytes = Rpc.MESSAGE_BYTES_MAX / 2 + 1;
            Frame begin = new Frame.Call(id, Priority.CLIENT, "e", 9, bytes, 0, chunk);
            ends.nearConnection.send(begin.header(), chunk.duplicate());
          }
          assertTrue(endsSoon(ends));
        });
  }

  private static boolean endsSoon(Ends ends) {
    Promise<Boolean> ended = new Promise<>(ends.near.clock());
    ends.near
        .tasks()
        .start(
            "read",
            () -> {
              while (ends.nearConnection.receive() != null) {}
              ended.complete(true);
            });
    return ended.await(ends.after(Duration.ofSeconds(5)));
  }

  /** Whatever bytes come, an end goes on or closes; the simulation fails at any other exception. */
  @Test
  void randomBytesHarmNeitherEnd() {
    for (int seed = 0; seed < 60; seed++) {
      Simulation.run(seed, CallsTest::garbage);
    }
  }

  private static void garbage(Simulation world) {
    Ends ends = new Ends(world);
    SeededRandom random = world.random();
    Caller caller = ends.caller();
    Promise<String> outcome = new Promise<>(ends.near.clock());
    ends.near
        .tasks()
        .start(
            "call",
            () -> outcome.complete(Ends.outcome(caller, "e", Priority.CLIENT, ends.after(SECOND))));
    for (int i = 0; i < 20; i++) {
      byte[] bytes = random.bytes(1 + random.nextInt(40));
      bytes[0] = (byte) (1 + random.nextInt(7));
      if (bytes.length > 1 && random.chance(0.7)) {
        bytes[1] = (byte) random.nextInt(3);
      }
      try {
        ends.farConnection.send(ByteBuffer.wrap(bytes));
      } catch (GarageException.Unreachable e) {
        break;
      }
    }
    String seen = outcome.await(ends.soon());
    assertFalse(seen.isEmpty());
  }
}
