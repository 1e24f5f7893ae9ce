package garage.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Pages of a bucket of many small objects, from random places in it. */
final class ListWork {
  private static final int PAGE_KEYS = 1000;
  private static final byte[] KEY_TAG = "<Key>".getBytes(StandardCharsets.US_ASCII);

  private final String bucket;
  private final int keys;
  private final Content content;
  private final AtomicInteger next = new AtomicInteger();

  ListWork(String bucket, int keys, Content content) {
    this.bucket = bucket;
    this.keys = keys;
    this.content = content;
  }

  int keys() {
    return keys;
  }

  String path() {
    return "/" + bucket;
  }

  /** Names as a table's files have them. */
  private static String key(int number) {
    String digits = Integer.toString(number);
    String padded = "0".repeat(8 - digits.length()) + digits;
    return "table/part-" + padded + "-c000.snappy.parquet";
  }

  /** Makes every object of the bucket, and the bucket must be there. */
  Work fill() {
    return (connection, recorder, mayBegin) -> {
      int number = next.getAndIncrement();
      if (!mayBegin || number >= keys) {
        return false;
      }
      long start = System.nanoTime();
      Body body = content.body(Content.STAMP_BYTES, number);
      Request request = Request.of("PUT", path() + "/" + key(number));
      connection.upload(request, body, content.sums(body));
      recorder.done(start, body.length());
      return true;
    };
  }

  /** Pages of a thousand keys, full ones. */
  Work pages() {
    return (connection, recorder, mayBegin) -> {
      if (!mayBegin) {
        return false;
      }
      int from = ThreadLocalRandom.current().nextInt(keys - Math.min(keys, PAGE_KEYS) + 1);
      String after = from == 0 ? "table" : key(from - 1);
      Request request = Request.of("GET", path()).withQuery(query(after));
      KeyCount count = new KeyCount();
      long start = System.nanoTime();
      connection.exchange(request, count);
      if (count.keys != Math.min(keys, PAGE_KEYS)) {
        throw new RequestFailed(request + ": " + count.keys + " keys where a page is due");
      }
      recorder.done(start, 0);
      return true;
    };
  }

  private static String query(String after) {
    return "encoding-type=url&list-type=2&max-keys="
        + PAGE_KEYS
        + "&start-after="
        + after.replace("/", "%2F");
  }

  /** Counts the keys of a page. */
  private static final class KeyCount implements ResponseReader.Sink {
    private int keys;
    private int matched;

    @Override
    public void accept(long position, byte[] bytes, int at, int count) {
      for (int i = at; i < at + count; i++) {
        if (bytes[i] == KEY_TAG[matched]) {
          matched++;
          if (matched == KEY_TAG.length) {
            keys++;
            matched = 0;
          }
        } else {
          matched = bytes[i] == KEY_TAG[0] ? 1 : 0;
        }
      }
    }
  }
}
