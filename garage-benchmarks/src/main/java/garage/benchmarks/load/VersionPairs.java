package garage.benchmarks.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** Keys of many versions beside keys of one. */
final class VersionPairs {
  private static final String MANY = "/bench-versions";
  private static final String ONE = "/bench-no-versions";
  private static final String HEAVY = MANY + "/heavy";
  private static final int BODY_BYTES = 4096;
  private static final int PAGE = 1_000;
  private static final Duration FILL_MAX = Duration.ofMinutes(8);
  private static final int FILL_CONCURRENCY = 32;

  private final List<Connection.Target> targets;
  private final int versions;
  private final int keys;
  private final Content content = new Content(BODY_BYTES, false, System.nanoTime());
  private final AtomicLong number = new AtomicLong();
  private final AtomicLong light = new AtomicLong();

  VersionPairs(List<Connection.Target> targets, int versions, int keys) {
    this.targets = targets;
    this.versions = versions;
    this.keys = keys;
  }

  /** Makes the buckets, and what is compared in them. */
  List<Pair> make() throws IOException, InterruptedException {
    try (Connection connection = new Connection(targets.getFirst())) {
      for (String bucket : List.of(MANY, ONE)) {
        connection.exchange(Request.of("PUT", bucket), (p, b, at, n) -> {});
      }
      String on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
      connection.exchange(
          Request.of("PUT", MANY).withQuery("versioning="),
          on.getBytes(StandardCharsets.UTF_8),
          (p, b, at, n) -> {});
    }
    fill(versions, n -> HEAVY, BODY_BYTES);
    fill(lightKeys(), VersionPairs::lightKey, BODY_BYTES);
    fill((long) keys * PAGE, n -> MANY + "/many/" + n % keys, Content.STAMP_BYTES);
    fill(keys, n -> ONE + "/many/" + n, Content.STAMP_BYTES);
    try (Connection connection = new Connection(targets.getFirst())) {
      return pairs(oldest(connection));
    }
  }

  private List<Pair> pairs(String old) {
    String one = MANY.substring(1) + ": ";
    return List.of(
        new Pair(
            one + "PUT 4 KiB, of 1 and of many versions",
            put(n -> lightKey(light.getAndIncrement() % lightKeys())),
            put(n -> HEAVY)),
        new Pair(one + "GET the present version", get(lightKey(0), ""), get(HEAVY, "")),
        new Pair(
            one + "GET the present version, or an old one by its id",
            get(HEAVY, ""),
            get(HEAVY, "versionId=" + old)),
        new Pair(
            one + "LIST that key",
            get(MANY, "list-type=2&prefix=light%2F00000000"),
            get(MANY, "list-type=2&prefix=heavy")),
        new Pair(
            one + "LIST 1,000 versions, of as many keys or of one",
            get(MANY, "max-keys=1000&prefix=light%2F&versions="),
            get(MANY, "max-keys=1000&prefix=heavy&versions=")),
        new Pair(
            one + "LIST versions with a delimiter that hides few or many",
            get(MANY, "delimiter=%2F&max-keys=1&prefix=light&versions="),
            get(MANY, "delimiter=%2F&max-keys=1&prefix=many&versions=")),
        new Pair(
            "LIST " + keys + " keys, of one or of 1,000 versions",
            get(ONE, "list-type=2&prefix=many%2F"),
            get(MANY, "list-type=2&prefix=many%2F")));
  }

  private static String lightKey(long number) {
    return MANY + "/light/%08d".formatted(number);
  }

  /** So many that none of them gets old. */
  private long lightKeys() {
    return 2L * PAGE;
  }

  private void fill(long count, LongFunction<String> path, int bytes) throws InterruptedException {
    AtomicLong next = new AtomicLong();
    Work work =
        (connection, recorder, mayBegin) -> {
          long n = next.getAndIncrement();
          if (n >= count || !mayBegin) {
            return false;
          }
          return upload(connection, recorder, path.apply(n), bytes);
        };
    try (Load load = new Load(targets, FILL_CONCURRENCY)) {
      Load.Outcome outcome = load.run(work, FILL_MAX);
      if (outcome.recorder().latencies().count() < count) {
        throw new RequestFailed("not filled in time: " + outcome.recorder().messages());
      }
    }
  }

  private Work put(LongFunction<String> path) {
    return (connection, recorder, mayBegin) ->
        mayBegin && upload(connection, recorder, path.apply(0), BODY_BYTES);
  }

  private boolean upload(Connection connection, Recorder recorder, String path, int bytes)
      throws IOException {
    long start = System.nanoTime();
    Body body = content.body(bytes, number.getAndIncrement());
    connection.upload(Request.of("PUT", path), body, content.sums(body));
    recorder.done(start, bytes);
    return true;
  }

  private static Work get(String path, String query) {
    Request request = Request.of("GET", path).withQuery(query);
    return (connection, recorder, mayBegin) -> {
      if (!mayBegin) {
        return false;
      }
      long start = System.nanoTime();
      connection.exchange(request, (p, b, at, n) -> {});
      recorder.done(start, 0);
      return true;
    };
  }

  /** The id of the version that is last on the second page. */
  private static String oldest(Connection connection) throws IOException {
    String last = "";
    for (int page = 0; page < 2; page++) {
      String query =
          last.isEmpty()
              ? "max-keys=1000&prefix=heavy&versions="
              : "key-marker=heavy&max-keys=1000&prefix=heavy&version-id-marker=%s&versions="
                  .formatted(last);
      StringBuilder text = new StringBuilder();
      connection.exchange(
          Request.of("GET", MANY).withQuery(query),
          (p, bytes, at, n) -> text.append(new String(bytes, at, n, StandardCharsets.UTF_8)));
      int id = text.lastIndexOf("<VersionId>") + "<VersionId>".length();
      last = text.substring(id, text.indexOf("<", id));
    }
    return last;
  }
}
