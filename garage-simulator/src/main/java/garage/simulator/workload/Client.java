package garage.simulator.workload;

import garage.common.env.Tasks;
import garage.simulator.check.Operation;
import garage.simulator.check.Violation.Rule;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.Machine;
import garage.simulator.workload.Ledger.Event;
import garage.testkit.env.SeededRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client: does its steps one after the other, tries again elsewhere as an SDK does, and writes
 * down what it saw. An answer of 5xx or none at all leaves the outcome unknown.
 */
public final class Client {
  /** What every request is made to. */
  public static final String BUCKET = "bucket";

  /** A bucket that is created and deleted while others write into it. */
  static final String FLEETING = "fleeting";

  /** The keys of that bucket. */
  public static final List<String> FLEETING_KEYS = List.of("r0", "r1");

  /** How the version without an id is called. */
  static final String NULL = "null";

  private static final String NUMBER = "x-amz-meta-v";
  private static final int BACK_OFF_MILLIS = 200;
  private static final int INTERNAL_ERROR = 500;

  private final Cluster cluster;
  private final Ledger ledger;
  private final String name;
  private final Duration patience;
  private final SeededRandom random;
  private final Map<String, String> tagsSeen = new TreeMap<>();

  /** {@code patience} is how long it waits for an answer. */
  public Client(Cluster cluster, Ledger ledger, String name, Duration patience) {
    this.cluster = cluster;
    this.ledger = ledger;
    this.name = name;
    this.patience = patience;
    this.random = cluster.world().random().split(name);
  }

  /** Does one step, to its end. */
  public void perform(Step step) {
    switch (step.action()) {
      case Action.Put put -> put(step, put);
      case Action.Get get -> read(step, "GET", get.key(), get);
      case Action.Head head -> read(step, "HEAD", head.key(), new Action.Get(head.key(), -1, 0));
      case Action.Delete delete -> delete(step, delete);
      case Action.DeleteTwo two -> deleteTwo(step, two);
      case Action.ListAll list -> new Lister(this, step).list(list.prefix(), list.pageKeys());
      case Action.Copy copy -> copy(step, copy);
      case Action.Tag tag -> tag(step, tag);
      case Action.DeleteVersion version -> attempt(step, m -> deleteVersion(m, version));
      case Action.ListUploads list -> attempt(step, m -> new UploadList(this, m).list(list));
      case Action.GetOld old -> attempt(step, machine -> readOld(machine, old));
      case Action.SetVersioning change -> attempt(step, machine -> setVersioning(machine, change));
      case Action.CreateBucket _ -> attempt(step, this::createFleeting);
      case Action.DeleteBucket _ -> attempt(step, this::deleteFleeting);
      case Action.Multipart one ->
          new MultipartUpload(this, step, MultipartUpload.whole(one)).run();
      case Action.Parts parts -> new MultipartUpload(this, step, parts).run();
    }
  }

  /** One attempt at something, at one node; answers whether it is settled. */
  @FunctionalInterface
  interface Attempt {
    boolean at(Machine machine);
  }

  /** Tries until it is settled, or the step's retries are used up; answers whether it is. */
  boolean attempt(Step step, Attempt attempt) {
    List<Machine> machines = cluster.machines();
    for (int i = 0; i <= step.retries(); i++) {
      if (attempt.at(machines.get((step.machine() + i) % machines.size()))) {
        return true;
      }
      cluster.world().clock().sleep(Duration.ofMillis(random.nextInt(BACK_OFF_MILLIS << i) + 1L));
    }
    return false;
  }

  /** Makes a request, and counts what came of it. */
  Outcome send(Machine machine, Request request) {
    cluster.world().clock().sleep(Duration.ofNanos(random.nextInt(1_000_000)));
    Outcome outcome = cluster.s3(machine, request.within(patience));
    if (outcome instanceof Outcome.Reply(int status, _, _, _)
        && status == INTERNAL_ERROR
        && !ledger.disksFail()) {
      unexpected(what(request, 0, outcome) + " though no disk fails");
    }
    ledger.count(
        request.method()
            + " "
            + switch (outcome) {
              case Outcome.Reply reply -> Integer.toString(Answer.status(reply));
              case Outcome.Refused() -> "refused";
              case Outcome.Lost _ -> "lost";
            });
    return outcome;
  }

  Ledger ledger() {
    return ledger;
  }

  Cluster cluster() {
    return cluster;
  }

  String name() {
    return name;
  }

  Tasks.Task alongside(Runnable what) {
    return cluster.world().tasks().start(name + " alongside", what);
  }

  // --- writes

  /** A write as it is tried: what is expected, and how that is asked for. */
  record Conditional(Operation.@Nullable Expectation expected, Request request) {
    Operation done(int value) {
      return expected == null ? new Operation.Write(value) : new Operation.Swap(expected, value);
    }
  }

  Conditional conditional(Action.Condition condition, String key, Request request) {
    String tag = tagsSeen.get(key);
    return switch (condition) {
      case NONE -> new Conditional(null, request);
      case ABSENT -> new Conditional(Ledger.absent(), request.with("If-None-Match", "*"));
      case SEEN ->
          tag == null
              ? new Conditional(null, request)
              : new Conditional(ledger.tagged(tag), request.with("If-Match", "\"" + tag + "\""));
    };
  }

  /**
   * Writes down what came of a write and answers whether it is settled. An outcome that is not
   * known is one more operation that may take effect.
   */
  boolean written(String key, Conditional write, int value, long began, Outcome outcome) {
    long ended = ledger.now();
    String what = what(write.request(), value, outcome);
    Operation.Expectation expected = write.expected();
    switch (Answer.of(outcome)) {
      case DONE -> {
        event(key, what, write.done(value), began, ended);
        ledger.acknowledged(key, versionId(outcome), value, began);
      }
      case NOT_HELD, NOT_FOUND -> {
        if (isFleeting(key) && Answer.noBucket(outcome)) {
          // a deletion may have taken effect before: there was nothing when the bucket was gone
          boolean deletion = value == Operation.ABSENT;
          event(key, what, deletion ? write.done(value) : null, began, ended);
        } else if (expected == null) {
          event(key, what, null, began, ended);
          unexpected(what);
        } else {
          event(key, what, new Operation.Refused(expected), began, ended);
        }
      }
      case UNKNOWN -> {
        event(key, what, write.done(value), began, null);
        ledger.unknown(key, value, began);
        return false;
      }
      case NOTHING -> {
        return false;
      }
      case WRONG -> {
        event(key, what, null, began, ended);
        unexpected(what);
      }
    }
    return true;
  }

  /** The version a reply names; null if it names none. */
  static @Nullable String versionId(Outcome outcome) {
    return outcome instanceof Outcome.Reply reply
        ? reply.headers().first("x-amz-version-id")
        : null;
  }

  void event(
      String key, String what, @Nullable Operation operation, long began, @Nullable Long end) {
    ledger.add(key, new Event(name, what, Ledger.isLoose(key) ? null : operation, began, end));
  }

  void unexpected(String what) {
    ledger.violation(Rule.ANSWER, name + " " + what);
  }

  static String what(Request request, int value, Outcome outcome) {
    String condition =
        request.headers().contains("If-None-Match")
            ? " if absent"
            : request.headers().contains("If-Match")
                ? " if " + request.headers().first("If-Match")
                : "";
    return "%s %s%s%s -> %s"
        .formatted(
            request.method(), request.target(), value > 0 ? " v" + value : "", condition, outcome);
  }

  private void put(Step step, Action.Put put) {
    Content content = new Content(put.content(), put.size());
    Value value = ledger.newValue(put.key(), content, null);
    value.etag(content.md5());
    boolean broken = put.breakAt() >= 0 && put.breakAt() < put.size();
    if (broken) {
      value.breakOff();
    }
    int piece = put.pauseMillis() == 0 ? Integer.MAX_VALUE : 1 + put.size() / 4;
    Request request =
        Request.of("PUT", target(put.key()))
            .with(content.bytes())
            .with(NUMBER, Integer.toString(value.number()))
            .with(
                new Request.Sending(
                    piece, Duration.ofMillis(put.pauseMillis()), broken ? put.breakAt() : -1));
    Conditional write = conditional(put.condition(), put.key(), request);
    attempt(
        step,
        machine -> {
          long began = ledger.now();
          Outcome outcome = send(machine, write.request());
          if (broken) {
            String what = what(request, value.number(), outcome) + " (broken off)";
            event(put.key(), what, null, began, ledger.now());
            if (Answer.of(outcome) == Answer.DONE) {
              unexpected(what);
            }
            return true;
          }
          boolean settled = written(put.key(), write, value.number(), began, outcome);
          if (Answer.of(outcome) == Answer.DONE) {
            tagsSeen.put(put.key(), content.md5());
          }
          return settled;
        });
  }

  private void delete(Step step, Action.Delete delete) {
    Conditional asked =
        conditional(delete.condition(), delete.key(), Request.of("DELETE", target(delete.key())));
    Operation.Expectation expected = asked.expected();
    Conditional write =
        expected == null ? asked : new Conditional(Ledger.absentOr(expected), asked.request());
    attempt(
        step,
        machine -> {
          long began = ledger.now();
          Outcome outcome = send(machine, write.request());
          return written(delete.key(), write, Operation.ABSENT, began, outcome);
        });
  }

  private void deleteTwo(Step step, Action.DeleteTwo two) {
    String xml =
        "<Delete><Object><Key>%s</Key></Object><Object><Key>%s</Key></Object></Delete>"
            .formatted(two.key(), two.other());
    byte[] body = xml.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    String md5 =
        java.util.Base64.getEncoder().encodeToString(garage.common.hash.Digests.md5().digest(body));
    Request request =
        Request.of("POST", "/" + bucket(two.key()) + "?delete").with(body).with("Content-MD5", md5);
    attempt(
        step,
        machine -> {
          long began = ledger.now();
          Outcome outcome = send(machine, request);
          boolean settled = true;
          for (String key : List.of(two.key(), two.other())) {
            settled &=
                written(
                    key,
                    new Conditional(null, request),
                    Operation.ABSENT,
                    began,
                    Answer.ofDeleted(outcome, key));
          }
          return settled;
        });
  }

  private void copy(Step step, Action.Copy copy) {
    Value value = ledger.newValue(copy.key(), null, copy.from());
    Request request =
        Request.of("PUT", target(copy.key()))
            .with("x-amz-copy-source", target(copy.from()))
            .with("x-amz-metadata-directive", "REPLACE")
            .with(NUMBER, Integer.toString(value.number()));
    attempt(
        step,
        machine -> {
          long began = ledger.now();
          value.attempt();
          Outcome outcome = send(machine, request);
          if (Answer.noBucket(outcome)) {
            event(copy.key(), what(request, 0, outcome), null, began, ledger.now());
            return true; // of the one key or of the other
          }
          if (Answer.of(outcome) == Answer.NOTHING) {
            value.refused();
          }
          if (Answer.of(outcome) == Answer.NOT_FOUND) {
            value.refused();
            event(
                copy.from(),
                what(request, 0, outcome),
                new Operation.Read(Operation.ABSENT),
                began,
                ledger.now());
            return true;
          }
          if (outcome instanceof Outcome.Reply reply && Answer.of(reply) == Answer.DONE) {
            String what = name + " " + what(request, value.number(), reply);
            ledger.checkTag(value, bareTag(reply.element("ETag")), what);
          }
          return written(
              copy.key(), new Conditional(null, request), value.number(), began, outcome);
        });
  }

  private boolean deleteVersion(Machine machine, Action.DeleteVersion delete) {
    List<String> known = knownIds(delete.key());
    if (known.isEmpty()) {
      return true;
    }
    String id = known.get(delete.which() % known.size());
    Request request = Request.of("DELETE", target(delete.key()) + "?versionId=" + id);
    long began = ledger.now();
    ledger.deleting(delete.key(), id);
    Outcome outcome = send(machine, request);
    String what = what(request, 0, outcome);
    event(delete.key(), what, null, began, ledger.now());
    ledger.noteDeletion(delete.key(), id, began, Answer.of(outcome) == Answer.DONE);
    return switch (Answer.of(outcome)) {
      case DONE -> true;
      case UNKNOWN, NOTHING -> false;
      case NOT_FOUND, NOT_HELD, WRONG -> {
        unexpected(what);
        yield true;
      }
    };
  }

  private boolean createFleeting(Machine machine) {
    Request request = Request.of("PUT", "/" + FLEETING);
    Outcome outcome = send(machine, request);
    boolean there =
        outcome instanceof Outcome.Reply reply
            && "BucketAlreadyOwnedByYou".equals(reply.element("Code"));
    return settledBucket(there, request, outcome);
  }

  /** A bucket that was deleted had no object at some moment, and none until it is there again. */
  private boolean deleteFleeting(Machine machine) {
    Request request = Request.of("DELETE", "/" + FLEETING);
    long began = ledger.now();
    Outcome outcome = send(machine, request);
    long ended = ledger.now();
    String what = what(request, 0, outcome);
    boolean deleted = Answer.of(outcome) == Answer.DONE;
    for (String key : FLEETING_KEYS) {
      event(key, what, deleted ? new Operation.Read(Operation.ABSENT) : null, began, ended);
    }
    boolean refused =
        outcome instanceof Outcome.Reply reply
            && ("BucketNotEmpty".equals(reply.element("Code")) || Answer.noBucket(reply));
    return settledBucket(refused, request, outcome);
  }

  private boolean settledBucket(boolean refused, Request request, Outcome outcome) {
    Answer answer = Answer.of(outcome);
    if (!refused && (answer == Answer.WRONG || answer == Answer.NOT_HELD)) {
      unexpected(what(request, 0, outcome));
    }
    return refused || (answer != Answer.UNKNOWN && answer != Answer.NOTHING);
  }

  /** Changes the tags of whatever is there, which must stay what it is. */
  private void tag(Step step, Action.Tag tag) {
    String xml =
        "<Tagging><TagSet><Tag><Key>t</Key><Value>%d</Value></Tag></TagSet></Tagging>"
            .formatted(tag.number());
    byte[] body = xml.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    String md5 =
        java.util.Base64.getEncoder().encodeToString(garage.common.hash.Digests.md5().digest(body));
    Request request =
        Request.of("PUT", target(tag.key()) + "?tagging").with(body).with("Content-MD5", md5);
    attempt(
        step,
        machine -> {
          long began = ledger.now();
          Outcome outcome = send(machine, request);
          String what = what(request, 0, outcome);
          Operation seen =
              Answer.of(outcome) == Answer.NOT_FOUND ? new Operation.Read(Operation.ABSENT) : null;
          event(tag.key(), what, seen, began, ledger.now());
          return switch (Answer.of(outcome)) {
            case DONE, NOT_FOUND -> true;
            case UNKNOWN, NOTHING -> false;
            case NOT_HELD, WRONG -> {
              unexpected(what);
              yield true;
            }
          };
        });
  }

  // --- reads

  private void read(Step step, String method, String key, Action.Get get) {
    attempt(step, machine -> readOnce(machine, method, key, get));
  }

  /** Reads one of the versions that were acknowledged, if there is any. */
  private boolean readOld(Machine machine, Action.GetOld old) {
    List<String> known = knownIds(old.key());
    return known.isEmpty()
        || readVersion(
            machine,
            old.key(),
            old.which() == Action.GetOld.NULL
                ? known.getLast()
                : known.get(old.which() % known.size()));
  }

  /** The ids of all versions that a key may have. */
  private List<String> knownIds(String key) {
    List<String> ids = new ArrayList<>(ledger.versions().getOrDefault(key, Map.of()).keySet());
    NullVersions nulls = ledger.nulls();
    if (nulls != null && nulls.isKnown(key)) {
      ids.add(NULL);
    }
    return ids;
  }

  /** Reads the version without an id; answers whether it got an answer. */
  private boolean readNull(Machine machine, String key, NullVersions nulls) {
    Request request = Request.of("GET", target(key) + "?versionId=" + NULL);
    long asked = ledger.now();
    Outcome outcome = send(machine, request);
    switch (Answer.of(outcome)) {
      case DONE -> {
        Outcome.Reply reply = (Outcome.Reply) outcome;
        Value value = ledger.value(reply.headers().first(NUMBER));
        String what = what(request, value == null ? 0 : value.number(), reply);
        if (value == null) {
          ledger.violation(Rule.VERSIONS, name + " " + what + ", which nobody wrote");
        } else {
          nulls.seen(
              new NullVersions.Seen(name + " " + what, key, value.number(), asked, ledger.now()));
          ledger.checkBytes(value, key, 0, reply.body(), reply.whole(), name + " " + what);
        }
      }
      case UNKNOWN, NOTHING -> {
        return false;
      }
      case NOT_FOUND ->
          nulls.seen(
              new NullVersions.Seen(
                  name + " " + what(request, 0, outcome),
                  key,
                  NullVersions.NO_OBJECT,
                  asked,
                  ledger.now()));
      case NOT_HELD, WRONG -> unexpected(what(request, 0, outcome));
    }
    return true;
  }

  private boolean setVersioning(Machine machine, Action.SetVersioning change) {
    Request request = Request.of("PUT", "/" + BUCKET + "?versioning").with(change.document());
    return settledBucket(false, request, send(machine, request));
  }

  /** Reads a version that must be there; answers whether it got an answer. */
  boolean readVersion(Machine machine, String key, String id) {
    NullVersions nulls = ledger.nulls();
    if (nulls != null && id.equals(NULL)) {
      return readNull(machine, key, nulls);
    }
    Request request = Request.of("GET", target(key) + "?versionId=" + id);
    long asked = ledger.now();
    Outcome outcome = send(machine, request);
    Integer expected = ledger.versions().getOrDefault(key, Map.of()).get(id);
    if (Answer.of(outcome) == Answer.NOT_FOUND && ledger.mayBeGone(key, id)) {
      return true;
    }
    switch (Answer.of(outcome)) {
      case DONE -> {
        Outcome.Reply reply = (Outcome.Reply) outcome;
        Value value = ledger.value(reply.headers().first(NUMBER));
        String what = what(request, value == null ? 0 : value.number(), reply);
        if (value == null || (expected != null && value.number() != expected)) {
          ledger.violation(Rule.VERSIONS, name + " " + what + ", not v" + expected);
        } else if (ledger.wasGone(key, id, asked)) {
          ledger.violation(Rule.VERSIONS, name + " " + what + ", which was deleted before");
        } else {
          ledger.checkBytes(value, key, 0, reply.body(), reply.whole(), name + " " + what);
        }
      }
      case UNKNOWN, NOTHING -> {
        return false;
      }
      case NOT_FOUND, NOT_HELD, WRONG -> {
        if (expected == null || expected != Operation.ABSENT) {
          ledger.violation(
              Rule.VERSIONS, name + " " + what(request, 0, outcome) + ", not v" + expected);
        }
      }
    }
    return true;
  }

  /** Reads the whole object at one node; answers whether it got an answer. */
  public boolean readWhole(Machine machine, String key) {
    return readOnce(machine, "GET", key, new Action.Get(key, -1, 0));
  }

  /** Lists everything at one node; answers whether it got an answer. */
  public boolean listWhole(int machine) {
    Step step = new Step(0, 0, machine, 0, new Action.ListAll("", 1000));
    return new Lister(this, step).list("", 1000);
  }

  private boolean readOnce(Machine machine, String method, String key, Action.Get get) {
    Request request = Request.of(method, target(key));
    if (get.from() >= 0) {
      request =
          request.with("Range", "bytes=%d-%d".formatted(get.from(), get.from() + get.length()));
    }
    long began = ledger.now();
    Outcome outcome = send(machine, request);
    long ended = ledger.now();
    String what = what(request, 0, outcome);
    switch (Answer.of(outcome)) {
      case DONE -> shown(key, request, (Outcome.Reply) outcome, began, get);
      case NOT_FOUND -> event(key, what, new Operation.Read(Operation.ABSENT), began, ended);
      case UNKNOWN, NOTHING -> {
        event(key, what, null, began, ended);
        return false;
      }
      case NOT_HELD, WRONG -> {
        event(key, what, null, began, ended);
        if (!(outcome instanceof Outcome.Reply reply && reply.status() == 416)) {
          unexpected(what);
        }
      }
    }
    return true;
  }

  private void shown(String key, Request request, Outcome.Reply reply, long began, Action.Get get) {
    long ended = ledger.now();
    Value value = ledger.value(reply.headers().first(NUMBER));
    String what = what(request, value == null ? 0 : value.number(), reply);
    if (value == null) {
      ledger.violation(Rule.BYTES, name + " " + what + ": a value nobody wrote");
      return;
    }
    event(key, what, new Operation.Read(value.number()), began, ended);
    boolean head = request.method().equals("HEAD");
    boolean ranged = reply.status() == 206;
    if (!head || value.isBrokenOff()) {
      ledger.checkBytes(
          value,
          key,
          ranged ? get.from() : 0,
          reply.body(),
          reply.whole() && !ranged && !head,
          name + " " + what);
    }
    String tag = bareTag(reply.headers().first("ETag"));
    ledger.checkTag(value, tag, name + " " + what);
    tagsSeen.put(key, tag);
  }

  /** An entity tag of a header or a document without its quotes; empty if there is none. */
  static String bareTag(@Nullable String tag) {
    return tag == null ? "" : tag.replace("&quot;", "").replace("\"", "");
  }

  /** Where a key is: those that begin with an r in a bucket that comes and goes. */
  static String target(String key) {
    return "/" + bucket(key) + "/" + key;
  }

  private static String bucket(String key) {
    return isFleeting(key) ? FLEETING : BUCKET;
  }

  /** Whether the key's bucket may be gone. */
  static boolean isFleeting(String key) {
    return key.startsWith("r");
  }

  /** The steps of one client, in the order of their times. */
  public static List<Step> stepsOf(List<Step> all, int client) {
    List<Step> own = new ArrayList<>();
    for (Step step : all) {
      if (step.client() == client) {
        own.add(step);
      }
    }
    return own;
  }
}
