package garage.simulator.workload;

import garage.common.env.Clock;
import garage.simulator.check.KeyHistory;
import garage.simulator.check.Operation;
import garage.simulator.check.Violation;
import garage.simulator.check.Violation.Rule;
import garage.simulator.fault.Witness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What all clients of one run did and saw, and what is to be thought of it. */
public final class Ledger implements Witness {
  /** Violations kept; the first is what matters. */
  private static final int VIOLATIONS_MAX = 100;

  /** A request that was answered took no longer. */
  private static final long REQUEST_NANOS_MAX = 40_000_000_000L;

  private final Clock clock;
  private final long began;
  private final List<Value> values = new ArrayList<>();
  private final TreeMap<String, List<Event>> events = new TreeMap<>();
  private final List<Listing> listings = new ArrayList<>();
  private final TreeMap<String, Map<String, Integer>> versions = new TreeMap<>();
  private final List<OpenUpload> uploads = new ArrayList<>();
  private final List<Violation> violations = new ArrayList<>();
  private final TreeMap<String, Integer> answers = new TreeMap<>();
  private final boolean disksFail;
  private final long beganMillis;
  private final Set<Integer> expiring = new TreeSet<>();
  private final TreeSet<String> lostBlocks = new TreeSet<>();
  private final History history = new History();
  private final NullVersions nulls = new NullVersions();
  private boolean suspends;
  private @Nullable Rules rules;
  private int undecided;
  private boolean judging;

  /** Times are told from now on; {@code disksFail} excuses internal errors. */
  public Ledger(Clock clock, boolean disksFail) {
    this.clock = clock;
    this.disksFail = disksFail;
    this.began = clock.nanos();
    this.beganMillis = clock.wallMillis();
  }

  /** From now on the bucket has this lifecycle. */
  public void lifecycle(Rules put) {
    rules = put;
  }

  /** From now on versioning may be suspended. */
  public void suspends() {
    suspends = true;
  }

  /** What is known of versions without an id; null if versioning is never suspended. */
  @Nullable NullVersions nulls() {
    return suspends ? nulls : null;
  }

  /** When something may happen a day after {@code nanos}, both since the ledger was opened. */
  private static long due(Rules rules, long beganMillis, long nanos) {
    long midnight = rules.dayAfter(beganMillis + Math.floorDiv(nanos, 1_000_000L));
    return (midnight - beganMillis) * 1_000_000L;
  }

  /** Whether what was begun {@code nanos} after the ledger was opened may have expired by now. */
  boolean mayHaveExpired(long nanos) {
    Rules now = rules;
    return now != null && due(now, beganMillis, nanos) <= now();
  }

  /**
   * One operation on one key.
   *
   * @param operation null if it says nothing about the key
   * @param ended null if its outcome is unknown
   */
  record Event(
      String who, String what, @Nullable Operation operation, long began, @Nullable Long ended) {
    @Override
    public String toString() {
      return "%12.6f %12s  %-4s %s"
          .formatted(began / 1e9, ended == null ? "?" : "%.6f".formatted(ended / 1e9), who, what);
    }
  }

  /**
   * A listing from its first page to its last.
   *
   * @param tags the etags it showed, by key
   */
  record Listing(String who, Range range, long began, long ended, Map<String, String> tags) {}

  /** The keys a listing covers: those with the prefix, up to {@code last} if it was cut short. */
  record Range(String prefix, @Nullable String last) {
    boolean covers(String key) {
      return !Client.isFleeting(key)
          && key.startsWith(prefix)
          && (last == null || key.compareTo(last) <= 0);
    }
  }

  /** Time since the ledger was opened, in nanoseconds. */
  long now() {
    return clock.nanos() - began;
  }

  // --- values

  Value newValue(String key, @Nullable Content content, @Nullable String source) {
    Value value = new Value(values.size() + 1, key, content, source);
    values.add(value);
    return value;
  }

  /** The value with the number a reply names. */
  @Nullable Value value(@Nullable String number) {
    if (number == null || !number.matches("[0-9]{1,9}")) {
      return null;
    }
    int index = Integer.parseInt(number) - 1;
    return index < 0 || index >= values.size() ? null : values.get(index);
  }

  /** A condition that the present value has this tag; to be asked once all is over. */
  Operation.Expectation tagged(String tag) {
    Map<Integer, Operation.Verdict> asked = new TreeMap<>();
    return number ->
        number == Operation.ABSENT
            ? Operation.Verdict.HOLDS_NOT
            : asked.computeIfAbsent(number, n -> hasTag(values.get(n - 1), tag));
  }

  /** Whether a value has this tag. A copy has its source's: if nobody knows it, of any time. */
  private Operation.Verdict hasTag(Value value, String tag) {
    String known = value.etag();
    if (known != null) {
      return known.equals(tag) ? Operation.Verdict.HOLDS : Operation.Verdict.HOLDS_NOT;
    }
    return value.source() == null || origins(value).anyMatch(o -> tag.equals(o.etag()))
        ? Operation.Verdict.UNKNOWN
        : Operation.Verdict.HOLDS_NOT;
  }

  /** Checks an entity tag, without quotes, that was shown of a value, and notes it. */
  void checkTag(Value value, String tag, String what) {
    if (hasTag(value, tag) == Operation.Verdict.HOLDS_NOT) {
      violation(Rule.BYTES, what + ": it cannot have the tag " + tag);
    } else {
      value.etag(tag);
    }
  }

  /**
   * As {@code expected}; or there is no value: then a deletion has nothing to do, and is refused
   * where a deletion marker is there.
   */
  static Operation.Expectation absentOr(Operation.Expectation expected) {
    return number -> number == Operation.ABSENT ? Operation.Verdict.UNKNOWN : expected.of(number);
  }

  /** A condition that there is no value. */
  static Operation.Expectation absent() {
    return number ->
        number == Operation.ABSENT ? Operation.Verdict.HOLDS : Operation.Verdict.HOLDS_NOT;
  }

  /** Checks bytes that were read of a key, from {@code from} on. */
  void checkBytes(Value value, String key, int from, byte[] bytes, boolean toTheEnd, String what) {
    if (!value.key().equals(key)) {
      violation(Rule.BYTES, what + ": it was written to " + value.key());
      return;
    }
    if (value.isBrokenOff()) {
      violation(Rule.BYTES, what + ": its upload was broken off");
      return;
    }
    for (Content content : contents(value)) {
      byte[] whole = content.bytes();
      int to = Math.min(whole.length, from + bytes.length);
      boolean same =
          from <= whole.length
              && to - from == bytes.length
              && Arrays.equals(whole, from, to, bytes, 0, bytes.length)
              && (!toTheEnd || to == whole.length);
      if (same) {
        if (toTheEnd && from == 0) {
          value.content(content);
        }
        return;
      }
    }
    violation(
        Rule.BYTES,
        "%s: %d bytes from %d (md5 %s) are none of what was written"
            .formatted(what, bytes.length, from, Content.md5(bytes)));
  }

  /** What the bytes of a value may be; those of a copy whatever its source was. */
  private List<Content> contents(Value value) {
    return (value.content() == null ? origins(value) : Stream.of(value))
        .map(Value::content)
        .filter(Objects::nonNull)
        .toList();
  }

  /** Everything that is no copy itself, and whose bytes may have come to {@code copy}. */
  private Stream<Value> origins(Value copy) {
    Set<String> sources = new TreeSet<>();
    addSources(copy, sources);
    return values.stream().filter(value -> value.source() == null && sources.contains(value.key()));
  }

  /** The keys whose bytes may have come to {@code copy}, through other copies perhaps. */
  private void addSources(Value copy, Set<String> sources) {
    String source = copy.source();
    if (source != null && sources.add(source)) {
      values.stream().filter(v -> v.key().equals(source)).forEach(v -> addSources(v, sources));
    }
  }

  // --- events

  void add(String key, Event event) {
    List<Event> of = events.computeIfAbsent(key, _ -> new ArrayList<>());
    of.add(event);
    int value = writes(event);
    if (value > Operation.ABSENT) {
      addExpiry(of, key, event, value);
      lostBlocks.forEach(hash -> of.add(purge(hash, event.began())));
    }
  }

  /** What is written to some keys goes, but not before its time. */
  private void addExpiry(List<Event> of, String key, Event event, int value) {
    Rules now = rules;
    Content known = values.get(value - 1).content();
    Integer size = known == null ? null : known.bytes().length;
    if (now != null && Rules.expires(key, size) && expiring.add(value)) {
      Operation.Expectation still =
          state -> state == value ? Operation.Verdict.HOLDS : Operation.Verdict.HOLDS_NOT;
      of.add(
          new Event(
              "rule",
              "v" + value + " expires",
              new Operation.Swap(still, Operation.ABSENT),
              due(now, beganMillis, event.began()),
              null));
    }
  }

  @Override
  public void lost(String hash) {
    lostBlocks.add(hash);
    long since = now();
    events.values().forEach(of -> of.add(purge(hash, since)));
  }

  @Override
  public void wrong(String what) {
    violation(Rule.ANSWER, what);
  }

  /** Whether something may have been given up because of a block that was lost. */
  boolean hasLostBlocks() {
    return !lostBlocks.isEmpty();
  }

  /** A deletion of whatever has a lost block, at any time. */
  private Event purge(String hash, long since) {
    Operation.Expectation hasIt =
        state -> {
          if (state == Operation.ABSENT) {
            return Operation.Verdict.HOLDS_NOT;
          }
          Content known = values.get(state - 1).content();
          return known == null
              ? Operation.Verdict.UNKNOWN
              : known.hasBlock(hash) ? Operation.Verdict.HOLDS : Operation.Verdict.HOLDS_NOT;
        };
    return new Event(
        "ops", "purge of " + hash, new Operation.Swap(hasIt, Operation.ABSENT), since, null);
  }

  /** Contents that may have been copied from a key, whatever their value. */
  List<Content> contentsOf(String key) {
    List<Content> all = new ArrayList<>();
    for (Value value : values) {
      if (value.key().equals(key)) {
        all.addAll(contents(value));
      }
    }
    return all;
  }

  void add(Listing listing) {
    listings.add(listing);
  }

  void count(String answer) {
    answers.merge(answer, 1, Integer::sum);
  }

  /** Notes that a promise was broken. */
  public void violation(Rule rule, String what) {
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(new Violation(rule, judging ? what : "%.6f %s".formatted(now() / 1e9, what)));
    }
  }

  /**
   * An upload that was begun; it may have ended since.
   *
   * @param asked when it was asked for
   * @param began when that was answered
   */
  record OpenUpload(String key, String id, long asked, long began) {}

  /** Somebody asks for the end of an upload: it may be there or not from now on. */
  void ending(String uploadId) {
    history.endingUploads.add(uploadId);
  }

  /** Whether an upload must be shown by a listing of all that began at {@code from}. */
  boolean mustShow(OpenUpload upload, long from) {
    return upload.began() < from
        && !history.endingUploads.contains(upload.id())
        && !Client.isFleeting(upload.key())
        && !hasLostBlocks()
        && !mayHaveExpired(upload.asked());
  }

  /** What was asked for that makes things go. */
  private static final class History {
    private final Set<String> endingUploads = new TreeSet<>();
    private final Set<String> deleting = new TreeSet<>();
    private final Map<String, Long> deleted = new TreeMap<>();
    private final Map<String, Long> known = new TreeMap<>();
  }

  void began(OpenUpload upload) {
    uploads.add(upload);
  }

  /** Every upload that was begun. */
  List<OpenUpload> uploads() {
    return List.copyOf(uploads);
  }

  /**
   * A write was acknowledged, whose version the answer calls {@code id}: null of an object written
   * where versioning is suspended, and of a deletion if that made no marker, or does not tell.
   */
  void acknowledged(String key, @Nullable String id, int value, long asked) {
    if (id == null && value == Operation.ABSENT) {
      nulls.perhaps(key, NullVersions.MARKER, asked);
      nulls.perhaps(key, NullVersions.NOTHING, asked);
    } else if (id == null || id.equals(Client.NULL)) {
      nulls.written(key, value, asked, now());
    } else {
      acknowledged(key, id, value);
    }
  }

  /** A write may have taken effect, or may some day. */
  void unknown(String key, int value, long asked) {
    nulls.perhaps(key, value, asked);
  }

  private void acknowledged(String key, String id, int value) {
    if (!Client.isFleeting(key)) {
      versions.computeIfAbsent(key, _ -> new TreeMap<>()).put(id, value);
      history.known.putIfAbsent(key + " " + id, now());
    }
  }

  /** Keys of which single versions go, so that what is there is not what was written last. */
  static boolean isLoose(String key) {
    return key.startsWith(Rules.OLD);
  }

  /** Somebody asks for the deletion of a version. */
  void deleting(String key, String id) {
    history.deleting.add(key + " " + id);
  }

  /** The deletion of a version was acknowledged; if it is not {@code done}, it may be some day. */
  void noteDeletion(String key, String id, long asked, boolean done) {
    if (id.equals(Client.NULL) && done) {
      nulls.written(key, NullVersions.NOTHING, asked, now());
    } else if (id.equals(Client.NULL)) {
      nulls.perhaps(key, NullVersions.NOTHING, asked);
    } else if (done) {
      history.deleted.putIfAbsent(key + " " + id, now());
    }
  }

  /** Whether a version of a key may be gone, by a client's will or the lifecycle's. */
  boolean mayBeGone(String key, String id) {
    String version = key + " " + id;
    Long written = history.known.get(version);
    boolean marker = versions.getOrDefault(key, Map.of()).getOrDefault(id, -1) == Operation.ABSENT;
    boolean old = written != null && mayHaveExpired(Math.max(0, written - REQUEST_NANOS_MAX));
    if (!isLoose(key)) {
      return marker && old && key.startsWith(Rules.EXPIRE); // the last that there was of it
    }
    return history.deleting.contains(version)
        || (rules != null && (written == null || marker || old));
  }

  /** Whether a version of a key was gone for certain at a moment. */
  boolean wasGone(String key, String id, long at) {
    Long gone = history.deleted.get(key + " " + id);
    return gone != null && gone < at;
  }

  /** The number of the value of every version that was acknowledged, by key and version. */
  Map<String, Map<String, Integer>> versions() {
    return versions;
  }

  /** Whether a disk may fail in this run. */
  boolean disksFail() {
    return disksFail;
  }

  /** How often each answer was given. */
  public Map<String, Integer> answers() {
    return answers;
  }

  /** Every key that was written. */
  public List<String> keys() {
    return List.copyOf(events.keySet());
  }

  /** Requests so far. */
  public int size() {
    return events.values().stream().mapToInt(List::size).sum();
  }

  /** Keys whose history was too hard to decide. */
  public int undecided() {
    return undecided;
  }

  /** Whether nothing went wrong so far. */
  public boolean clean() {
    return violations.isEmpty();
  }

  // --- the verdict

  /** Everything that went wrong; call it once, at the end. */
  public List<Violation> verdict() {
    judging = true; // there is no clock any more
    events.forEach(this::checkKey);
    listings.forEach(this::checkListing);
    if (suspends) {
      nulls.wrong().forEach(what -> violation(Rule.VERSIONS, what));
    }
    return List.copyOf(violations);
  }

  private void checkKey(String key, List<Event> of) {
    KeyHistory history = new KeyHistory();
    for (Event event : of) {
      Operation operation = event.operation();
      Long ended = event.ended();
      if (operation != null && ended != null) {
        history.add(operation, event.began(), ended);
      } else if (operation != null) {
        history.addUnknown(operation, event.began());
      }
    }
    switch (history.check()) {
      case LINEARIZABLE -> {}
      case UNDECIDED -> undecided++;
      case VIOLATED -> violation(Rule.LINEARIZABLE, key + "\n" + text(of));
    }
  }

  private static String text(List<Event> events) {
    StringBuilder text = new StringBuilder();
    for (Event event : events) {
      text.append(event.operation() == null ? "      - " : "        ").append(event).append('\n');
    }
    return text.toString();
  }

  /** Everything that happened, key by key. */
  public String everything() {
    StringBuilder text = new StringBuilder();
    events.forEach((key, of) -> text.append(key).append('\n').append(text(of)));
    return text.toString();
  }

  /** What happened to one key. */
  public String history(String key) {
    return text(events.getOrDefault(key, List.of()));
  }

  private void checkListing(Listing listing) {
    for (Map.Entry<String, List<Event>> of : events.entrySet()) {
      String key = of.getKey();
      if (listing.range().covers(key) && !isLoose(key)) {
        String tag = listing.tags().get(key);
        String wrong =
            tag == null ? missing(listing, of.getValue()) : stale(listing, tag, of.getValue());
        if (wrong != null) {
          violation(
              Rule.LIST_AFTER_WRITE,
              "%s %.6f to %.6f: %s %s\n%s"
                  .formatted(
                      listing.who(),
                      listing.began() / 1e9,
                      listing.ended() / 1e9,
                      key,
                      wrong,
                      text(of.getValue())));
        }
      }
    }
  }

  /** Why the key must be in the listing, or null. */
  private static @Nullable String missing(Listing listing, List<Event> of) {
    for (Event written : of) {
      Long ended = written.ended();
      if (writes(written) > Operation.ABSENT && ended != null && ended < listing.began()) {
        boolean deleted =
            of.stream()
                .anyMatch(e ->
                    writes(e) == Operation.ABSENT
                        && e.began() <= listing.ended()
                        && (e.ended() == null || e.ended() >= written.began()));
        if (!deleted) {
          return "is missing, though nothing deleted it after " + written;
        }
      }
    }
    return null;
  }

  /** Why the key cannot be there with this tag, or null. */
  private @Nullable String stale(Listing listing, String tag, List<Event> of) {
    boolean written = false;
    for (Event event : of) {
      int value = writes(event);
      if (value > Operation.ABSENT
          && event.began() <= listing.ended()
          && hasTag(values.get(value - 1), tag) != Operation.Verdict.HOLDS_NOT) {
        written = true;
        if (!overwritten(event, listing, of)) {
          return null;
        }
      }
    }
    return written ? "has a tag that was overwritten: " + tag : "has a strange tag: " + tag;
  }

  private static boolean overwritten(Event written, Listing listing, List<Event> of) {
    Long ended = written.ended();
    return ended != null
        && of.stream()
            .anyMatch(e ->
                writes(e) >= Operation.ABSENT
                    && e.began() > ended
                    && e.ended() != null
                    && e.ended() < listing.began());
  }

  /** The value an event writes; -1 if it writes none. */
  private static int writes(Event event) {
    return switch (event.operation()) {
      case Operation.Write(int value) -> value;
      case Operation.Swap(Operation.Expectation _, int value) -> value;
      case Operation.Read _, Operation.Refused _ -> -1;
      case null -> -1;
    };
  }
}
