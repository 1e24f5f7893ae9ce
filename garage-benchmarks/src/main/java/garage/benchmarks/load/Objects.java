package garage.benchmarks.load;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The objects of one size in the bucket: those numbered from the first not deleted to the last
 * made. Their names are spread over the bucket, as those of many writers are.
 */
final class Objects {
  /** So that no two sizes share a body's number. */
  private static final int NUMBER_BITS = 32;

  private final String bucket;
  private final ObjectSize size;
  private final Content content;
  private final AtomicLong made = new AtomicLong();
  private final AtomicLong deleted = new AtomicLong();

  Objects(String bucket, ObjectSize size, Content content) {
    this.bucket = bucket;
    this.size = size;
    this.content = content;
  }

  ObjectSize size() {
    return size;
  }

  Content content() {
    return content;
  }

  String path(long number) {
    String name = HexFormat.of().toHexDigits(Content.mix(number));
    return "/" + bucket + "/" + size + "/" + name;
  }

  /** A part of an object, or all of it if it has only one. */
  Body part(long number, int part) {
    return content.body(size.partBytes(), partNumber(number, part));
  }

  private long partNumber(long number, int part) {
    return ((long) size.bytes() << NUMBER_BITS) + number * size.parts() + part;
  }

  /** Hashes the parts of the next objects, so that it is not done while time is measured. */
  void hashAhead(int objects) {
    content.hashAhead(size.partBytes(), partNumber(made.get(), 0), objects * size.parts());
  }

  long takeNew() {
    return made.getAndIncrement();
  }

  /** How many there are. */
  long count() {
    return made.get() - deleted.get();
  }

  /** Any of them. */
  long random() {
    return ThreadLocalRandom.current().nextLong(deleted.get(), made.get());
  }

  /** One that is now to be deleted; -1 if {@code leaving} or fewer are left. */
  long takeOld(long leaving) {
    while (true) {
      long oldest = deleted.get();
      if (made.get() - oldest <= leaving) {
        return -1;
      }
      if (deleted.compareAndSet(oldest, oldest + 1)) {
        return oldest;
      }
    }
  }
}
