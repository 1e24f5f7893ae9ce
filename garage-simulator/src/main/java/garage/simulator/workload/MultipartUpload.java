package garage.simulator.workload;

import garage.common.hash.Digests;
import garage.simulator.check.Operation;
import garage.simulator.check.Violation.Rule;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.ClusterSettings;
import garage.simulator.cluster.Machine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A multipart upload from its creation to its end. All completions of one upload are one write of
 * the key: whichever succeeds, it takes effect once. Some parts are sent twice with other bytes,
 * one may be a copy of what another key holds, and the last may be left out in the end.
 */
final class MultipartUpload {
  /** How much larger than they must be some parts are. */
  private static final int EXTRA_BYTES = 3_000;

  private final Client client;
  private final Step step;
  private final Action.Parts action;
  private final Value value;

  /** What was acknowledged last of each part, from the first. */
  private final List<Content> parts = new ArrayList<>();

  /** Whether something else may have been stored under the number of a part since. */
  private boolean unsure;

  private String id = "";
  private long askedAt;
  private @Nullable Long began;
  private @Nullable Long completed;
  private boolean unknown;

  MultipartUpload(Client client, Step step, Action.Parts action) {
    this.client = client;
    this.step = step;
    this.action = action;
    boolean one = isWhole();
    this.value = client.ledger().newValue(action.key(), one ? content(1) : null, null);
    if (one) {
      value.etag(etag(List.of(content(1))));
    }
  }

  /** Whether it is known from the beginning what it becomes. */
  private boolean isWhole() {
    return action.parts() == 1 && action.copied() == null;
  }

  /** An upload of one part. */
  static Action.Parts whole(Action.Multipart one) {
    return new Action.Parts(
        one.key(), one.content(), 1, one.size(), null, one.condition(), one.ending());
  }

  /** What the part of a number is to be. */
  private Content content(int number) {
    boolean last = number == action.parts();
    int size = ClusterSettings.PART_BYTES_MIN + action.content() % 3 * EXTRA_BYTES;
    return new Content(action.content() + 2 * (number - 1), last ? action.size() : size);
  }

  private static String etag(List<Content> parts) {
    MessageDigest tag = Digests.md5();
    parts.forEach(part -> tag.update(HexFormat.of().parseHex(part.md5())));
    return HexFormat.of().formatHex(tag.digest()) + "-" + parts.size();
  }

  void run() {
    if (!client.attempt(step, this::create)) {
      return;
    }
    for (int number = 1; number <= action.parts(); number++) {
      if (!part(number)) {
        return;
      }
    }
    if (!isWhole()) {
      client.attempt(elsewhere(), this::listParts);
      choose();
    }
    switch (action.ending()) {
      case COMPLETE -> complete(step);
      case COMPLETE_TWICE -> both(() -> complete(elsewhere()));
      case COMPLETE_AND_ABORT -> both(() -> client.attempt(elsewhere(), this::abort));
      case ABORT -> client.attempt(step, this::abort);
      case ABANDON -> {}
    }
    settle();
  }

  /** Uploads or copies one part; answers whether that was acknowledged. */
  private boolean part(int number) {
    Content content = content(number);
    if (action.content() % 3 == 0 && number == 1) {
      // Another attempt at the part, which the later one replaces.
      Content other = new Content(action.content() + 1, content.bytes().length / 2);
      client.attempt(step, m -> send(m, number, other));
    }
    String copied = action.copied();
    if (copied != null && number == 1 + action.content() % action.parts()) {
      client.attempt(step, m -> copy(m, number, copied));
    }
    return parts.size() >= number || client.attempt(step, m -> part(m, number, content));
  }

  /** What the object is to be made of: all parts, or all but the last. */
  private void choose() {
    if (action.content() % 5 == 0 && parts.size() > 1) {
      parts.removeLast();
    }
    value.content(new Content(parts));
    value.etag(etag(parts));
  }

  private void both(Runnable other) {
    var racing = client.alongside(other);
    complete(step);
    racing.join();
  }

  private Step elsewhere() {
    return new Step(
        step.atMillis(), step.client(), step.machine() + 1, step.retries(), step.action());
  }

  private boolean create(Machine machine) {
    Request request =
        Request.of("POST", Client.target(action.key()) + "?uploads")
            .with("x-amz-meta-v", Integer.toString(value.number()));
    long asked = client.ledger().now();
    Outcome outcome = client.send(machine, request);
    String given = outcome instanceof Outcome.Reply reply ? reply.element("UploadId") : null;
    if (Answer.of(outcome) == Answer.DONE && given != null) {
      id = given;
      began(asked);
      return true;
    }
    return settled(request, outcome);
  }

  private void began(long asked) {
    Ledger ledger = client.ledger();
    ledger.began(new Ledger.OpenUpload(action.key(), id, asked, ledger.now()));
    askedAt = asked;
  }

  private Request partRequest(int number) {
    return Request.of(
        "PUT", Client.target(action.key()) + "?partNumber=" + number + "&uploadId=" + id);
  }

  private boolean part(Machine machine, int number, Content bytes) {
    boolean done = send(machine, number, bytes);
    if (done) {
      parts.add(bytes);
    }
    return done;
  }

  private boolean send(Machine machine, int number, Content bytes) {
    Request request = partRequest(number).with(bytes.bytes());
    Outcome outcome = client.send(machine, request);
    unsure |= Answer.of(outcome) == Answer.UNKNOWN;
    return Answer.of(outcome) == Answer.DONE || settled(request, outcome);
  }

  /** Copies what another key holds into a part: all of it, or its beginning. */
  private boolean copy(Machine machine, int number, String from) {
    Request whole = partRequest(number).with("x-amz-copy-source", Client.target(from));
    int length = action.content() % 2 == 0 ? ClusterSettings.PART_BYTES_MIN : Integer.MAX_VALUE;
    Request request =
        length == Integer.MAX_VALUE
            ? whole
            : whole.with("x-amz-copy-source-range", "bytes=0-" + (length - 1));
    Outcome outcome = client.send(machine, request);
    if (Answer.of(outcome) == Answer.DONE && outcome instanceof Outcome.Reply reply) {
      copied(number, from, Client.bareTag(reply.element("ETag")), length);
      return true;
    }
    unsure |= Answer.of(outcome) == Answer.UNKNOWN;
    return Answer.of(outcome) != Answer.UNKNOWN && Answer.of(outcome) != Answer.NOTHING;
  }

  private void copied(int number, String from, String tag, int length) {
    for (Content content : client.ledger().contentsOf(from)) {
      Content part = new Content(content, 0, Math.min(length, content.bytes().length));
      if (part.md5().equals(tag)) {
        boolean enough = part.bytes().length >= ClusterSettings.PART_BYTES_MIN;
        if (enough || number == action.parts()) {
          parts.add(part);
        }
        return;
      }
    }
    client
        .ledger()
        .violation(
            Rule.BYTES, "%s: a part was copied from %s that was never there".formatted(id, from));
  }

  /** A listing of the parts shows each as it was acknowledged last. */
  private boolean listParts(Machine machine) {
    Request request =
        Request.of("GET", Client.target(action.key()) + "?max-parts=1000&uploadId=" + id);
    Outcome outcome = client.send(machine, request);
    if (Answer.of(outcome) != Answer.DONE || !(outcome instanceof Outcome.Reply reply)) {
      return settled(request, outcome);
    }
    for (int number = 1; number <= parts.size() && !unsure; number++) {
      String entry =
          "<PartNumber>%d</PartNumber>.{0,100}?<ETag>(&quot;|\")?%s"
              .formatted(number, parts.get(number - 1).md5());
      if (!Pattern.compile(entry).matcher(reply.text()).find()) {
        client.unexpected("LIST of parts does not show part " + number + ": " + reply.text());
      }
    }
    return true;
  }

  /** Whether there is no use in trying again; complains of what should not be answered. */
  private boolean settled(Request request, Outcome outcome) {
    Answer answer = Answer.of(outcome);
    if (answer == Answer.NOT_FOUND && mayBeGone()) {
      return false; // with its bucket, or a block, or after its time
    }
    if (answer == Answer.WRONG || answer == Answer.NOT_HELD || answer == Answer.NOT_FOUND) {
      client.unexpected(Client.what(request, value.number(), outcome));
    }
    return false;
  }

  private void complete(Step at) {
    client.ledger().ending(id);
    StringBuilder xml = new StringBuilder("<CompleteMultipartUpload>");
    for (int number = 1; number <= parts.size(); number++) {
      xml.append(
          "<Part><PartNumber>%d</PartNumber><ETag>\"%s\"</ETag></Part>"
              .formatted(number, parts.get(number - 1).md5()));
    }
    xml.append("</CompleteMultipartUpload>");
    Request plain =
        Request.of("POST", Client.target(action.key()) + "?uploadId=" + id)
            .with(xml.toString().getBytes(StandardCharsets.UTF_8));
    Client.Conditional write = client.conditional(action.condition(), action.key(), plain);
    client.attempt(at, machine -> completed(write, machine));
  }

  private boolean completed(Client.Conditional write, Machine machine) {
    long start = client.ledger().now();
    long first = began == null ? start : began;
    if (began == null) {
      began = start;
      condition = write;
    }
    Outcome outcome = client.send(machine, write.request());
    long end = client.ledger().now();
    String what = Client.what(write.request(), value.number(), outcome);
    Operation.Expectation expected = write.expected();
    switch (Answer.of(outcome)) {
      case DONE -> {
        completed = completed == null ? Long.valueOf(end) : completed;
        String version = Client.versionId(outcome);
        if (version == null) { // it may have been completed before, and have an id
          client.ledger().unknown(action.key(), value.number(), first);
        } else {
          client.ledger().acknowledged(action.key(), version, value.number(), first);
        }
      }
      case NOT_HELD -> {
        if (expected == null) {
          client.unexpected(what);
        } else {
          client.event(action.key(), what, new Operation.Refused(expected), start, end);
        }
      }
      case NOT_FOUND -> notFound(write, what, start, end);
      case WRONG -> client.unexpected(what);
      case UNKNOWN -> {
        unknown = true;
        client.ledger().unknown(action.key(), value.number(), start);
        return false;
      }
      case NOTHING -> {
        return false;
      }
    }
    return true;
  }

  private Client.@Nullable Conditional condition;

  /** The upload is gone, or If-Match found no object; the code does not always tell. */
  private void notFound(Client.Conditional write, String what, long start, long end) {
    boolean upload = what.contains("NoSuchUpload") || what.contains("NoSuchBucket");
    Operation.Expectation expected = write.expected();
    if (!upload && expected != null) {
      client.event(action.key(), what, new Operation.Refused(expected), start, end);
      return;
    }
    client.event(action.key(), what, null, start, end);
    if (action.ending() == Action.Ending.COMPLETE && !unknown && !mayBeGone()) {
      client.unexpected(what);
    }
  }

  /** Whether the upload may be gone though nobody has asked for it. */
  private boolean mayBeGone() {
    return Client.isFleeting(action.key())
        || client.ledger().hasLostBlocks()
        || client.ledger().mayHaveExpired(askedAt);
  }

  private boolean abort(Machine machine) {
    client.ledger().ending(id);
    Request request = Request.of("DELETE", Client.target(action.key()) + "?uploadId=" + id);
    return switch (Answer.of(client.send(machine, request))) {
      case DONE, NOT_FOUND, NOT_HELD, WRONG -> true;
      case UNKNOWN, NOTHING -> false;
    };
  }

  private void settle() {
    Client.Conditional write = condition;
    Long from = began;
    if (write != null && from != null && (completed != null || unknown)) {
      String what =
          "%s %s v%d -> %s"
              .formatted(
                  write.request().method(),
                  write.request().target(),
                  value.number(),
                  completed == null ? "unknown" : "completed");
      client.event(action.key(), what, write.done(value.number()), from, completed);
    } else {
      value.breakOff(); // it was never completed
    }
  }
}
