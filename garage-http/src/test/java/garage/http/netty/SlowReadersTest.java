package garage.http.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.env.Promise;
import garage.common.env.Tasks;
import garage.common.env.system.SystemTasks;
import garage.http.Headers;
import garage.http.HttpResponse;
import garage.http.HttpServerSettings.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Clients that do not read hold no more than the budget, and keep nobody else from reading. */
class SlowReadersTest {
  private static final int STALLED = 200;
  private static final int SEND_BUFFER_BYTES = 256 << 10;
  private static final int BODY_BYTES = 16 << 20;

  /** Half for large pieces, and a small one for each client. */
  private static final long ROOMY_BYTES = 4L << 20;

  /** Not even a small piece for each client. */
  private static final long TIGHT_BYTES = 512L << 10;

  private final AtomicLong most = new AtomicLong();
  private final Promise<NettyHttpServer> server = new Promise<>(ServerFixture.CLOCK);

  @Test
  void aGoodReaderGetsItsWholeResponseWhileOthersStall() throws IOException {
    // No stalled client is cut off during the test.
    serveBesidesStalledReaders(ROOMY_BYTES, Timeouts.DEFAULT);
  }

  @Test
  void aGoodReaderWaitsForStalledReadersToBeCutOffWhenTheyHoldEverything() throws IOException {
    serveBesidesStalledReaders(TIGHT_BYTES, ServerFixture.writeIdle(Duration.ofSeconds(2)));
  }

  private void serveBesidesStalledReaders(long bytesMax, Timeouts timeouts) throws IOException {
    NettyHttpServer started =
        ServerFixture.start(
            ServerFixture.sending(SEND_BUFFER_BYTES, bytesMax), timeouts, request -> body());
    server.complete(started);
    List<RawClient> stalled = new ArrayList<>();
    try (started) {
      for (int i = 0; i < STALLED; i++) {
        RawClient client = new RawClient(started.address(), 4096);
        stalled.add(client);
        client.send("GET /stalled HTTP/1.1\r\nHost: a\r\n\r\n");
      }
      RawClient.Response response = readWhole(started);
      assertEquals(200, response.status());
      assertEquals(BODY_BYTES, response.body().length);
      assertTrue(most.get() > bytesMax / 4, "the stalled held only " + most.get());
      assertTrue(most.get() <= bytesMax, "held " + most.get());
      for (RawClient client : stalled) {
        client.close();
      }
    }
    assertEquals(0, started.sendBytesHeld());
  }

  /** Asks again when it waited too long: it may have been behind all the others. */
  private static RawClient.Response readWhole(NettyHttpServer started) throws IOException {
    for (int tries = 5; ; tries--) {
      try (var client = new RawClient(started.address())) {
        client.send("GET /good HTTP/1.1\r\nHost: a\r\n\r\n");
        return client.read();
      } catch (IOException e) {
        if (tries == 0) {
          throw e;
        }
      }
    }
  }

  private HttpResponse body() {
    return HttpResponse.streamed(
        200,
        Headers.EMPTY,
        BODY_BYTES,
        sink -> {
          byte[] piece = new byte[100_000];
          NettyHttpServer running = server.await(soon());
          for (int left = BODY_BYTES; left > 0; left -= piece.length) {
            sink.write(piece, 0, Math.min(left, piece.length));
            most.accumulateAndGet(running.sendBytesHeld(), Math::max);
          }
        });
  }

  @Test
  void roomIsGivenInTurnAndAWaitThatEndsInVainHoldsNothing() {
    SendBudget budget = new SendBudget(ServerFixture.CLOCK, 100, Duration.ofMillis(20));
    assertTrue(budget.takeIfPlenty(50));
    assertFalse(budget.takeIfPlenty(1));
    assertTrue(budget.takeNow(50));
    assertFalse(budget.takeNow(1));
    assertFalse(budget.take(60));
    assertEquals(100, budget.held());
    budget.give(100);
    assertEquals(0, budget.held());
  }

  @Test
  void whoWaitsGetsWhatIsGivenBack() {
    SendBudget budget = new SendBudget(ServerFixture.CLOCK, 100, Duration.ofMinutes(1));
    assertTrue(budget.takeNow(100));
    List<Tasks.Task> waiters = new ArrayList<>();
    AtomicLong served = new AtomicLong();
    for (int i = 0; i < 10; i++) {
      waiters.add(
          new SystemTasks()
              .start(
                  "waiter-" + i,
                  () -> {
                    if (budget.take(40)) {
                      served.incrementAndGet();
                      assertTrue(budget.held() <= 100);
                      budget.give(40);
                    }
                  }));
    }
    budget.give(100);
    waiters.forEach(Tasks.Task::join);
    assertEquals(10, served.get());
    assertEquals(0, budget.held());
  }

  /** Ends a test that would hang. */
  private static Deadline soon() {
    return Deadline.after(ServerFixture.CLOCK, Duration.ofMinutes(1));
  }
}
