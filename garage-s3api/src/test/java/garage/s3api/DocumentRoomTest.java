package garage.s3api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import garage.common.env.Tasks;
import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.http.BodyStream;
import garage.http.Headers;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.RequestSigner;
import garage.s3api.S3World.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Large documents are read a few at a time, however many clients send them. */
class DocumentRoomTest {
  private static final int LARGE = 6 << 20;

  @Test
  void oneLargeDocumentWaitsForAnotherAndIsRefusedIfThatTakesTooLong() {
    S3World.run(world -> {
      List<String> replies = new ArrayList<>();
      Tasks.Task slow =
          world
              .node
              .tasks()
              .start("slow", () -> replies.add("slow " + delete(world, Duration.ofMinutes(1))));
      world.node.clock().sleep(Duration.ofSeconds(1));
      assertEquals("SlowDown", delete(world, Duration.ZERO));
      assertEquals(200, world.post("/bkt?delete", document(0)).status());
      slow.join();
      assertEquals(List.of("slow deleted"), replies);
      assertEquals("deleted", delete(world, Duration.ZERO));
    });
  }

  /** DeleteObjects with a large document that begins to come after a while. */
  private static String delete(S3World world, Duration after) {
    byte[] bytes = document(LARGE).getBytes(UTF_8);
    Headers headers =
        Headers.of(
            "Host", "localhost",
            "Content-Length", Integer.toString(bytes.length),
            "x-amz-checksum-crc32", crc32(bytes));
    Headers signed =
        new RequestSigner(new Credentials(world.alice.id(), world.alice.secret()), "garage", "s3")
            .sign(
                new RequestSigner.Unsigned("POST", "/bkt?delete", headers),
                "UNSIGNED-PAYLOAD",
                world.node.clock().now())
            .headers();
    BodyStream whole = BodyStream.of(bytes);
    BodyStream late =
        new BodyStream() {
          private boolean waited;

          @Override
          public int read(byte[] target, int offset, int length) {
            if (!waited) {
              waited = true;
              world.node.clock().sleep(after);
            }
            return whole.read(target, offset, length);
          }
        };
    Reply reply = world.deliver("POST", "/bkt?delete", signed, late, bytes.length);
    String code = reply.element("Code");
    return code == null ? "deleted" : code;
  }

  private static String crc32(byte[] bytes) {
    return Checksum.compute(ChecksumAlgorithm.CRC32, bytes).base64();
  }

  private static String document(int bytesMin) {
    return "<Delete><Object><Key>none</Key></Object><!-- %s --></Delete>"
        .formatted("x".repeat(bytesMin));
  }
}
