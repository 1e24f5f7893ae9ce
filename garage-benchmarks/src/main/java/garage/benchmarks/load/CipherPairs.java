package garage.benchmarks.load;

import garage.common.hash.Digests;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Reads of an object under a client's key beside those of one in clear. */
final class CipherPairs {
  private static final String BUCKET = "/bench-sse-c";
  private static final int OBJECT_BYTES = 8 << 20;
  private static final int RANGE_BYTES = 64 << 10;
  private static final int OBJECTS = 8;

  private final List<Connection.Target> targets;
  private final Content content = new Content(OBJECT_BYTES, false, System.nanoTime());
  private final List<Signer.Field> key;

  CipherPairs(List<Connection.Target> targets) {
    this.targets = targets;
    byte[] secret = new byte[32];
    ThreadLocalRandom.current().nextBytes(secret);
    Base64.Encoder base64 = Base64.getEncoder();
    String name = "x-amz-server-side-encryption-customer-";
    this.key =
        List.of(
            new Signer.Field(name + "algorithm", "AES256"),
            new Signer.Field(name + "key", base64.encodeToString(secret)),
            new Signer.Field(
                name + "key-md5", base64.encodeToString(Digests.md5().digest(secret))));
  }

  List<Pair> make() throws IOException {
    try (Connection connection = new Connection(targets.getFirst())) {
      connection.exchange(Request.of("PUT", BUCKET), (p, b, at, n) -> {});
      for (int i = 0; i < OBJECTS; i++) {
        for (boolean coded : new boolean[] {false, true}) {
          Body body = content.body(OBJECT_BYTES, 2L * i + (coded ? 1 : 0));
          Request request = new Request("PUT", path(i, coded), "", coded ? key : List.of());
          connection.upload(request, body, content.sums(body));
        }
      }
    }
    return List.of(new Pair("GET of 64 KiB in 8 MiB, plain or SSE-C", range(false), range(true)));
  }

  private static String path(int number, boolean coded) {
    return BUCKET + (coded ? "/coded/" : "/plain/") + number;
  }

  private Work range(boolean coded) {
    return (connection, recorder, mayBegin) -> {
      if (!mayBegin) {
        return false;
      }
      ThreadLocalRandom random = ThreadLocalRandom.current();
      int from = random.nextInt(OBJECT_BYTES - RANGE_BYTES);
      String range = "bytes=" + from + "-" + (from + RANGE_BYTES - 1);
      List<Signer.Field> fields = new ArrayList<>(List.of(new Signer.Field("range", range)));
      fields.addAll(coded ? key : List.of());
      Request request = new Request("GET", path(random.nextInt(OBJECTS), coded), "", fields);
      long start = System.nanoTime();
      Response response = connection.exchange(request, (p, b, at, n) -> {});
      if (response.status() != 206 || response.contentLength() != RANGE_BYTES) {
        throw new RequestFailed(request + ": " + response);
      }
      recorder.done(start, RANGE_BYTES);
      return true;
    };
  }
}
