package garage.benchmarks.chaos;

import garage.common.hash.Digests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Counts the copies of everything that should be there, where not every node has everything: of an
 * object's row by asking each node alone, of its blocks by looking for their files.
 */
final class Copies {
  /** As nodes are configured by default. */
  private static final int BLOCK_BYTES = 1 << 20;

  private static final int INLINE_MAX = 64 << 10;

  /** Questions to a node under way at once: those it has no answer to take all their time. */
  private static final int READERS = 32;

  private final Map<String, Client.Content> expected;
  private final Map<Integer, Set<String>> rows = new TreeMap<>();
  private final Map<Integer, Set<String>> blocks = new TreeMap<>();

  Copies(Map<String, Client.Content> expected) {
    this.expected = expected;
  }

  /** Asks one node, whose peers do not run, what it has. */
  void ask(int node, Store alone, List<Path> files) throws InterruptedException {
    Set<String> found = new ConcurrentSkipListSet<>();
    List<Thread> readers = new ArrayList<>();
    List<String> keys = List.copyOf(expected.keySet());
    for (int r = 0; r < READERS; r++) {
      int first = r;
      readers.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int i = first; i < keys.size(); i += READERS) {
                  String key = keys.get(i);
                  if (alone.has(key, size(key))) {
                    found.add(key);
                  }
                }
              }));
    }
    for (Thread reader : readers) {
      reader.join();
    }
    rows.put(node, found);
    Set<String> names = new TreeSet<>();
    files.forEach(file -> names.add(file.getFileName().toString().substring(0, 64)));
    blocks.put(node, names);
  }

  private long size(String key) {
    Client.Content content = expected.get(key);
    return content == null ? -1 : content.size();
  }

  /**
   * What has fewer copies than it should, or more rows that answer.
   *
   * @param everything the nodes that should have everything
   */
  Set<String> missing(int copies, Set<Integer> everything) {
    Set<String> missing = new TreeSet<>();
    expected.forEach((key, content) -> {
      judge("row of " + key, key, rows, copies, everything, missing);
      for (String hash : hashes(content)) {
        judge("block " + hash + " of " + key, hash, blocks, copies, everything, missing);
      }
    });
    rows.forEach((node, keys) -> {
      for (String key : keys) {
        if (holders(key, rows).size() > copies) {
          missing.add("row of " + key + ": too many answer: " + holders(key, rows));
        }
      }
    });
    return missing;
  }

  private static void judge(
      String name,
      String what,
      Map<Integer, Set<String>> where,
      int copies,
      Set<Integer> everything,
      Set<String> missing) {
    Set<Integer> holders = holders(what, where);
    if (holders.size() < copies || !holders.containsAll(everything)) {
      missing.add(name + ": only on nodes " + holders);
    }
  }

  private static Set<Integer> holders(String what, Map<Integer, Set<String>> where) {
    Set<Integer> holders = new TreeSet<>();
    where.forEach((node, has) -> {
      if (has.contains(what)) {
        holders.add(node);
      }
    });
    return holders;
  }

  private static List<String> hashes(Client.Content content) {
    if (content.size() <= INLINE_MAX) {
      return List.of();
    }
    byte[] bytes = content.bytes();
    List<String> hashes = new ArrayList<>();
    for (int from = 0; from < bytes.length; from += BLOCK_BYTES) {
      byte[] block = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + BLOCK_BYTES));
      hashes.add(Digests.sha256(block).toString());
    }
    return hashes;
  }
}
