package garage.server.it;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/**
 * Writes, overwrites and deletes objects under a prefix of its own, one after the other, and knows
 * for each what a read must give: what was acknowledged last or, where an operation has failed in
 * the middle, one of two things. An empty {@link Optional} is no object.
 */
final class LoadClient {
  private static final int KEYS = 12;
  private static final int PART_MIN = 5 << 20;

  private final String bucket;
  private final String prefix;
  private final Random random;
  private final int operationsPerUpload;
  private final Map<String, Optional<Content>> certain = new HashMap<>();
  private final Map<String, Optional<Content>> pending = new HashMap<>();

  LoadClient(String bucket, String prefix, long seed) {
    this(bucket, prefix, seed, 10);
  }

  /** One of so many operations is an upload in parts, of some MiB. */
  LoadClient(String bucket, String prefix, long seed, int operationsPerUpload) {
    this.bucket = bucket;
    this.prefix = prefix;
    this.random = new Random(seed);
    this.operationsPerUpload = operationsPerUpload;
  }

  /** Works until the server is gone; any other failure is thrown. */
  void runUntilKilled(S3Client s3, KillSwitch killSwitch) {
    while (!killSwitch.killed()) {
      String key = prefix + random.nextInt(KEYS);
      try {
        operation(s3, key);
      } catch (SdkClientException e) {
        if (!killSwitch.killed()) {
          throw e;
        }
        return;
      }
      killSwitch.acknowledged();
    }
  }

  /** So many operations, none of which may fail; {@code each} is run after every one. */
  void run(S3Client s3, int operations, Runnable each) {
    for (int i = 0; i < operations; i++) {
      operation(s3, prefix + random.nextInt(KEYS));
      each.run();
    }
  }

  private void operation(S3Client s3, String key) {
    if (random.nextInt(operationsPerUpload) == 0) {
      Content content = new Content(random.nextLong(), PART_MIN + random.nextInt(1 << 20));
      pending.put(key, Optional.of(content));
      putInParts(s3, key, content.bytes());
      settle(key, Optional.of(content));
      return;
    }
    switch (random.nextInt(9)) {
      case 0, 1 -> {
        pending.put(key, Optional.empty());
        s3.deleteObject(b -> b.bucket(bucket).key(key));
        settle(key, Optional.empty());
      }
      case 2 -> read(s3, key);
      default -> {
        Content content = new Content(random.nextLong(), size());
        pending.put(key, Optional.of(content));
        s3.putObject(b -> b.bucket(bucket).key(key), RequestBody.fromBytes(content.bytes()));
        settle(key, Optional.of(content));
      }
    }
  }

  private void settle(String key, Optional<Content> content) {
    certain.put(key, content);
    pending.remove(key);
  }

  /** Half of them small enough to be kept with the metadata. */
  private int size() {
    return switch (random.nextInt(4)) {
      case 0, 1 -> random.nextInt(20_000);
      case 2 -> random.nextInt(300_000);
      default -> random.nextInt(3 << 20);
    };
  }

  private void putInParts(S3Client s3, String key, byte[] bytes) {
    String id = s3.createMultipartUpload(b -> b.bucket(bucket).key(key)).uploadId();
    List<CompletedPart> parts = new ArrayList<>();
    for (int from = 0; from < bytes.length; from += PART_MIN) {
      int number = parts.size() + 1;
      byte[] part = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + PART_MIN));
      String eTag =
          s3.uploadPart(
                  b -> b.bucket(bucket).key(key).uploadId(id).partNumber(number),
                  RequestBody.fromBytes(part))
              .eTag();
      parts.add(CompletedPart.builder().partNumber(number).eTag(eTag).build());
    }
    s3.completeMultipartUpload(
        b -> b.bucket(bucket).key(key).uploadId(id).multipartUpload(u -> u.parts(parts)));
  }

  /** Reads every key, and takes for certain what it finds. */
  void verify(S3Client s3) {
    for (int i = 0; i < KEYS; i++) {
      read(s3, prefix + i);
    }
  }

  private void read(S3Client s3, String key) {
    Optional<byte[]> found = get(s3, key);
    take(key, content -> same(found, content), found.map(bytes -> bytes.length));
  }

  /** Takes this client's keys out of what a listing shows, and for certain what that says. */
  void verifyListed(Map<String, Long> listed) {
    for (int i = 0; i < KEYS; i++) {
      String key = prefix + i;
      Optional<Long> size = Optional.ofNullable(listed.remove(key));
      take(key, content -> content.map(c -> (long) c.size()).equals(size), size);
    }
  }

  /**
   * Where what was there before an operation of unknown outcome is there still, the operation may
   * take effect yet: a write that one replica has, and that a read of the others did not meet. Once
   * it was seen it stays.
   */
  private void take(String key, Predicate<Optional<Content>> isFound, Optional<?> size) {
    Optional<Content> expected = certain.getOrDefault(key, Optional.empty());
    Optional<Content> other = pending.getOrDefault(key, expected);
    if (isFound.test(expected)) {
      return;
    }
    if (!isFound.test(other)) {
      throw new AssertionError(
          "%s should be %s or %s but has %s bytes".formatted(key, expected, other, size));
    }
    settle(key, other);
  }

  private static boolean same(Optional<byte[]> found, Optional<Content> expected) {
    return found.isPresent() == expected.isPresent()
        && (found.isEmpty() || Arrays.equals(found.get(), expected.get().bytes()));
  }

  private Optional<byte[]> get(S3Client s3, String key) {
    try {
      return Optional.of(s3.getObjectAsBytes(b -> b.bucket(bucket).key(key)).asByteArrayUnsafe());
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    }
  }
}
