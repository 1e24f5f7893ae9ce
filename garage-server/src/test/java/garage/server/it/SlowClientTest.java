package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.http.Headers;
import garage.server.it.RawHttp.Reply;
import garage.server.it.ServerUnderTest.Launch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** Clients that send a byte now and then, to a server whose patience is short. */
class SlowClientTest {
  private static final int PATIENCE_MILLIS = 2_000;

  /** Ten bytes within the patience: more than none, and less than the least rate. */
  private static final int PAUSE_MILLIS = 200;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void aClientThatTricklesIsCutOff() {
    NodeFiles files = NodeFiles.in(directory).write();
    Launch launch = Launch.singleNode(files);
    try (ServerUnderTest first = new ServerUnderTest(launch).start()) {
      first.kill();
    }
    Launch tuned =
        launch.as(
            TunedServer.class, List.of("-D" + TunedServer.PATIENCE_MILLIS + "=" + PATIENCE_MILLIS));
    try (ServerUnderTest server = new ServerUnderTest(tuned).start();
        S3Client s3 = server.client()) {
      RawHttp http = new RawHttp(files.ports().s3());
      byte[] head = "GET / HTTP/1.1\r\nHost: x\r\nx-slow: ".getBytes(StandardCharsets.US_ASCII);
      assertCut(http.trickle(head, (byte) 'a', PAUSE_MILLIS));
      String target = "/" + BUCKET + "/slow";
      Headers sized = Headers.of("Content-Length", "1000000");
      Headers signed =
          http.sign("PUT", target, sized, RawHttp.UNSIGNED_PAYLOAD, Instant.now()).headers();
      assertCut(http.trickle(RawHttp.head("PUT", target, signed), (byte) 'a', PAUSE_MILLIS));
      assertThrows(
          NoSuchKeyException.class, () -> s3.headObject(b -> b.bucket(BUCKET).key("slow")));
      s3.putObject(b -> b.bucket(BUCKET).key("quick"), RequestBody.fromString("x"));
      assertEquals("x", s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("quick")).asUtf8String());
    }
  }

  private static void assertCut(Reply reply) {
    assertTrue(
        reply.status() == 0 || reply.code().equals("RequestTimeout") || reply.status() == 408,
        reply.toString());
  }
}
