package garage.benchmarks.chaos;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes, overwrites, deletes and reads keys of its own, and knows for each what may be read: what
 * was acknowledged last, or what was tried since and failed. For one thread at a time.
 */
final class Client {
  private static final int KEYS = 15;
  private static final int[] SIZES_MAX = {2_000, 40_000, 40_000, 300_000, 3_000_000};

  private final String prefix;
  private final Random random;
  private final Map<String, Optional<Content>> acknowledged = new TreeMap<>();
  private final Map<String, Set<Optional<Content>>> tried = new HashMap<>();

  /** The bytes that a seed and a size make. */
  record Content(long seed, int size) {
    byte[] bytes() {
      byte[] bytes = new byte[size];
      new Random(seed).nextBytes(bytes);
      return bytes;
    }

    boolean is(byte[] other) {
      return other.length == size && Arrays.equals(bytes(), other);
    }
  }

  Client(String prefix, long seed) {
    this.prefix = prefix;
    this.random = new Random(seed);
  }

  /** One operation; throws {@link Store.Failed} if it has failed for good. */
  void work(Store store) {
    String key = prefix + random.nextInt(KEYS);
    switch (random.nextInt(10)) {
      case 0 -> change(key, Optional.empty(), () -> store.delete(key));
      case 1, 2, 3 -> {
        Optional<String> wrong = check(key, store.get(key));
        if (wrong.isPresent()) {
          throw new IllegalStateException(wrong.get());
        }
      }
      default -> {
        int size = random.nextInt(SIZES_MAX[random.nextInt(SIZES_MAX.length)]);
        Content content = new Content(random.nextLong(), size);
        change(key, Optional.of(content), () -> store.put(key, content.bytes()));
      }
    }
  }

  private void change(String key, Optional<Content> content, Runnable request) {
    tried.computeIfAbsent(key, k -> new HashSet<>()).add(content);
    request.run();
    acknowledged.put(key, content);
    tried.remove(key);
  }

  /** What is wrong with what was read of a key; what is right is the only possibility from now. */
  private Optional<String> check(String key, Optional<byte[]> found) {
    Optional<Content> expected = acknowledged.getOrDefault(key, Optional.empty());
    if (same(found, expected)) {
      settle(key, expected);
      return Optional.empty();
    }
    for (Optional<Content> other : tried.getOrDefault(key, Set.of())) {
      if (same(found, other)) {
        settle(key, other);
        return Optional.empty();
      }
    }
    return Optional.of(
        "%s should be of %s bytes and is of %s"
            .formatted(
                key,
                expected.map(content -> "" + content.size()).orElse("no"),
                found.map(bytes -> "" + bytes.length).orElse("no")));
  }

  private void settle(String key, Optional<Content> content) {
    acknowledged.put(key, content);
    tried.remove(key);
  }

  private static boolean same(Optional<byte[]> found, Optional<Content> expected) {
    return found.isPresent() == expected.isPresent()
        && (found.isEmpty() || expected.get().is(found.get()));
  }

  /** Reads every key and adds what is wrong, with keys that cannot be read. */
  void verify(Store store, Set<String> wrong) {
    for (int i = 0; i < KEYS; i++) {
      String key = prefix + i;
      try {
        check(key, store.get(key)).ifPresent(wrong::add);
      } catch (Store.Failed e) {
        wrong.add(e.getMessage());
      }
    }
  }

  /** What is there; right after {@link #verify} has settled every key. */
  void contents(Map<String, Content> into) {
    acknowledged.forEach((key, content) -> content.ifPresent(there -> into.put(key, there)));
  }
}
