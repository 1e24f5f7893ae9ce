package garage.server.it;

import static garage.server.it.ServerUnderTest.BUCKET;
import static garage.server.it.ServerUnderTest.KEY_ID;
import static garage.server.it.ServerUnderTest.SECRET_KEY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import garage.server.it.ServerUnderTest.Launch;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Fills a real file system, small and in memory, mounted for the server's process alone in a
 * namespace of its own. Skipped where the system does not allow that.
 */
class FullDiskTest {
  private static final int MEBIBYTE = 1 << 20;

  /** The reserve is 128 MiB of it. */
  private static final String MOUNT = "mount -t tmpfs -o size=320m none \"$0\" && exec \"$@\"";

  /** Of writes until the first is refused, or until one is taken again. */
  private static final int ATTEMPTS_MAX = 300;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void aFullDiskRefusesWritesServesReadsAndRecoversByItself() throws IOException {
    Path storage = Files.createDirectory(directory.resolve("disk"));
    List<String> inNamespace =
        List.of("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT, storage.toString());
    assumeTrue(isAllowed(inNamespace), "cannot mount a file system here");
    NodeFiles files = NodeFiles.in(directory).storingIn(storage).write();
    Launch launch = Launch.singleNode(files).within(inNamespace);
    try (ServerUnderTest server = new ServerUnderTest(launch).start();
        S3Client s3 =
            server
                .clientBuilder(KEY_ID, SECRET_KEY)
                .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build()) {
      Path mounted = Path.of("/proc/" + server.pid() + "/root" + storage);
      assumeTrue(Files.isWritable(mounted), "cannot see the server's file system");
      Filler filler = new Filler(mounted.resolve("filler"));
      put(s3, "kept", 3 * MEBIBYTE);
      put(s3, "kept-small", 100);
      for (long left : new long[] {128L * MEBIBYTE, 0}) {
        put(s3, "doomed", new Content(left + 1, 2 * MEBIBYTE));
        put(s3, "doomed-small", 100);
        filler.leave(left);
        refuses(s3);
        serves(s3, left > 0);
        filler.delete();
        assertTrue(
            takesAgain(s3, left), "writes do not resume with " + left + " bytes left before");
      }
    }
  }

  private static void refuses(S3Client s3) {
    int taken = 0;
    while (status(s3, "filling", new Content(1000 + taken, 2 * MEBIBYTE)) == 200) {
      taken++;
      assertTrue(taken < ATTEMPTS_MAX, "writes are not refused");
    }
    // A refused body is read to its end: the client gets the answer, not a broken connection.
    for (int size : new int[] {100_000, 2 * MEBIBYTE, 20 * MEBIBYTE}) {
      S3Exception refused = assertThrows(S3Exception.class, () -> put(s3, "refused", size));
      assertTrue(List.of(503, 507).contains(refused.statusCode()), refused.toString());
      assertEquals("StorageFull", refused.awsErrorDetails().errorCode());
      assertThrows(
          NoSuchKeyException.class,
          () -> s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("refused")));
    }
  }

  private static void serves(S3Client s3, boolean reserveIsFree) {
    for (int size : new int[] {3 * MEBIBYTE, 100}) {
      String key = size == 100 ? "kept-small" : "kept";
      Content.assertSame(
          new Content(size, size).bytes(),
          s3.getObjectAsBytes(b -> b.bucket(BUCKET).key(key)).asByteArray(),
          key);
      assertEquals(size, s3.headObject(b -> b.bucket(BUCKET).key(key)).contentLength());
    }
    assertTrue(s3.listObjectsV2(b -> b.bucket(BUCKET)).keyCount() >= 4);
    if (reserveIsFree) {
      for (String key : List.of("doomed", "doomed-small")) {
        s3.deleteObject(b -> b.bucket(BUCKET).key(key));
        assertThrows(NoSuchKeyException.class, () -> s3.headObject(b -> b.bucket(BUCKET).key(key)));
      }
    }
  }

  private static boolean takesAgain(S3Client s3, long seed) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      Content content = new Content(seed, 2 * MEBIBYTE);
      if (status(s3, "again", content) == 200) {
        Content.assertSame(
            content.bytes(),
            s3.getObjectAsBytes(b -> b.bucket(BUCKET).key("again")).asByteArray(),
            "again");
        put(s3, "again-small", 10);
        s3.deleteObject(b -> b.bucket(BUCKET).key("again-small"));
        return true;
      }
    }
    return false;
  }

  private static int status(S3Client s3, String key, Content content) {
    try {
      put(s3, key, content);
      return 200;
    } catch (S3Exception e) {
      return e.statusCode();
    }
  }

  private static void put(S3Client s3, String key, int size) {
    put(s3, key, new Content(size, size));
  }

  private static void put(S3Client s3, String key, Content content) {
    s3.putObject(b -> b.bucket(BUCKET).key(key), RequestBody.fromBytes(content.bytes()));
  }

  private static boolean isAllowed(List<String> wrapper) {
    List<String> command = new ArrayList<>(wrapper);
    command.add("true");
    return Output.of(command).exitCode() == 0;
  }

  /** A file that takes the space others might want. */
  private record Filler(Path file) {
    long freeBytes() throws IOException {
      return Files.getFileStore(file.getParent()).getUsableSpace();
    }

    void leave(long bytes) throws IOException {
      byte[] zeros = new byte[MEBIBYTE];
      try (OutputStream out = Files.newOutputStream(file)) {
        while (freeBytes() > bytes) {
          out.write(zeros, 0, (int) Math.min(zeros.length, freeBytes() - bytes));
        }
      } catch (IOException e) {
        if (freeBytes() > MEBIBYTE) {
          throw e;
        } // it is as full as it can be
      }
    }

    void delete() throws IOException {
      Files.delete(file);
    }
  }
}
