package garage.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void whatEachNodeHasMoreThanBeforeIsComparedWithTheMean() throws Exception {
    HttpServer first = node(140);
    HttpServer second = node(240);
    try {
      MetricsPages pages = new MetricsPages(List.of(port(first), port(second), 1));
      List<OptionalDouble> before =
          List.of(OptionalDouble.of(50), OptionalDouble.of(130), OptionalDouble.empty());

      Spread spread = Spread.since(before, pages, "200 objects");

      assertEquals(List.of(90.0, 110.0), spread.rows(), "the third node is away");
      assertEquals(0.1, spread.deviation(), 1e-9);
    } finally {
      first.stop(0);
      second.stop(0);
    }
  }

  @Test
  void nodesThatTellNothingHaveNoSpread() throws Exception {
    MetricsPages nobody = new MetricsPages(List.of());

    assertTrue(Spread.since(Spread.now(nobody), nobody, "objects").rows().isEmpty());
    assertEquals(Double.NaN, new Rounds(nobody).made());
  }

  private static int port(HttpServer server) {
    return server.getAddress().getPort();
  }

  private static HttpServer node(int objects) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/metrics",
        exchange -> {
          byte[] page =
              ("# TYPE table_size gauge\n"
                      + "table_size{table_name=\"bucket\"} 7\n"
                      + "table_size{table_name=\"object\"} %d\n".formatted(objects))
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    server.start();
    return server;
  }
}
