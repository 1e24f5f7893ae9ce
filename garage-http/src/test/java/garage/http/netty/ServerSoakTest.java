package garage.http.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import garage.common.env.Tasks;
import garage.common.env.system.SystemTasks;
import garage.http.Headers;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.ResponseBody;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/**
 * Clients that stop, leave, send rubbish and do not read, at random places and all at once: the
 * well-behaved among them are served right, and when all are gone nothing is still held for them.
 */
class ServerSoakTest {
  private static final int CLIENTS = 40;
  private static final int REQUESTS = 10;

  @Test
  void whateverClientsDoNothingOfThemRemains() {
    NettyHttpServer server = ServerFixture.start(ServerSoakTest::answer);
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Tasks.Task> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      long seed = i;
      clients.add(
          new SystemTasks()
              .start(
                  "client-" + i,
                  () -> {
                    try {
                      client(server, new Random(seed));
                    } catch (IOException | AssertionError e) {
                      failures.add(new AssertionError("seed " + seed, e));
                    }
                  }));
    }
    clients.forEach(Tasks.Task::join);
    server.close();
    for (Throwable failure : failures) {
      fail(failure);
    }
    assertEquals(0, server.connections());
    assertEquals(0, server.receivedBytesHeld());
    assertEquals(0, server.unfinishedBytesHeld());
    assertEquals(0, server.sendBytesHeld());
  }

  /** Answers with as many bytes as it got; some without reading. */
  private static HttpResponse answer(HttpRequest request) {
    if (request.query().contains("unread")) {
      return HttpResponse.text(403, "no");
    }
    byte[] body = request.body().readAll(1 << 20);
    int length = body == null ? -1 : body.length;
    return request.query().contains("stream")
        ? HttpResponse.streamed(
            200,
            Headers.EMPTY,
            ResponseBody.UNKNOWN_LENGTH,
            sink -> sink.write(new byte[length], 0, length))
        : HttpResponse.bytes(200, Headers.EMPTY, new byte[length]);
  }

  private static void client(NettyHttpServer server, Random random) throws IOException {
    for (int round = 0; round < REQUESTS; round++) {
      try (var client = new RawClient(server.address())) {
        int length = random.nextInt(random.nextBoolean() ? 100 : 300_000);
        byte[] head =
            ("PUT /k?"
                    + (random.nextBoolean() ? "stream" : "bytes")
                    + " HTTP/1.1\r\nHost: h\r\nContent-Length: "
                    + length
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        switch (random.nextInt(6)) {
          case 0 -> client.send(Arrays.copyOf(head, random.nextInt(head.length)));
          case 1 -> client.send(head).send(new byte[random.nextInt(length + 1)]);
          case 2 -> sendAndLeave(client, head, length);
          case 3 -> {
            client.send("PUT /k?unread HTTP/1.1\r\nHost: h\r\nContent-Length: 50000\r\n\r\n");
            client.send(new byte[50_000]);
            assertEquals(403, client.read().status());
          }
          default -> {
            for (int i = random.nextInt(4); i >= 0; i--) {
              client.send(head).send(new byte[length]);
              RawClient.Response response = client.read();
              assertEquals(200, response.status());
              assertEquals(length, response.body().length);
            }
          }
        }
      }
    }
  }

  private static void sendAndLeave(RawClient client, byte[] head, int length) throws IOException {
    for (int i = 0; i < 3; i++) {
      try {
        client.send(head).send(new byte[length]);
      } catch (IOException e) {
        return; // the server may answer rubbish by closing
      }
    }
  }
}
