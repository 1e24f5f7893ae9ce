package garage.simulator.workload;

import garage.common.hash.Digests;
import garage.simulator.check.Operation;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Machine;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A multipart upload from its creation to its end. All completions of one upload are one write of
 * the key: whichever succeeds, it takes effect once.
 */
final class MultipartUpload {
  private final Client client;
  private final Step step;
  private final Action.Multipart action;
  private final Content content;
  private final Value value;
  private String id = "";
  private @Nullable Long began;
  private @Nullable Long completed;
  private boolean unknown;

  MultipartUpload(Client client, Step step, Action.Multipart action) {
    this.client = client;
    this.step = step;
    this.action = action;
    this.content = new Content(action.content(), action.size());
    this.value = client.ledger().newValue(action.key(), content, null);
    byte[] tag = Digests.md5().digest(HexFormat.of().parseHex(content.md5()));
    this.value.etag(HexFormat.of().formatHex(tag) + "-1");
  }

  void run() {
    if (!client.attempt(step, this::create)) {
      return;
    }
    if (action.content() % 3 == 0) {
      // Another attempt at the part, which the later one replaces.
      client.attempt(step, m -> part(m, new Content(action.content() + 1, action.size() / 2)));
    }
    if (!client.attempt(step, m -> part(m, content))) {
      return;
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
    Outcome outcome = client.send(machine, request);
    String given = outcome instanceof Outcome.Reply reply ? reply.element("UploadId") : null;
    if (Answer.of(outcome) == Answer.DONE && given != null) {
      id = given;
      client.ledger().began(new Ledger.OpenUpload(action.key(), given));
      return true;
    }
    return settled(request, outcome);
  }

  private boolean part(Machine machine, Content bytes) {
    Request request =
        Request.of("PUT", Client.target(action.key()) + "?partNumber=1&uploadId=" + id)
            .with(bytes.bytes());
    Outcome outcome = client.send(machine, request);
    return Answer.of(outcome) == Answer.DONE || settled(request, outcome);
  }

  /** Whether there is no use in trying again; complains of what should not be answered. */
  private boolean settled(Request request, Outcome outcome) {
    Answer answer = Answer.of(outcome);
    if (Client.isFleeting(action.key()) && answer == Answer.NOT_FOUND) {
      return false; // with its bucket
    }
    if (answer == Answer.WRONG || answer == Answer.NOT_HELD || answer == Answer.NOT_FOUND) {
      client.unexpected(Client.what(request, value.number(), outcome));
    }
    return false;
  }

  private void complete(Step at) {
    String xml =
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"%s\"</ETag></Part>"
                .formatted(content.md5())
            + "</CompleteMultipartUpload>";
    Request plain =
        Request.of("POST", Client.target(action.key()) + "?uploadId=" + id)
            .with(xml.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Client.Conditional write = client.conditional(action.condition(), action.key(), plain);
    client.attempt(at, machine -> completed(write, machine));
  }

  private boolean completed(Client.Conditional write, Machine machine) {
    long start = client.ledger().now();
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
        client.ledger().acknowledged(action.key(), Client.version(outcome), value.number());
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
    boolean fleeting = Client.isFleeting(action.key());
    boolean upload = what.contains("NoSuchUpload") || what.contains("NoSuchBucket");
    Operation.Expectation expected = write.expected();
    if (!upload && expected != null) {
      client.event(action.key(), what, new Operation.Refused(expected), start, end);
      return;
    }
    client.event(action.key(), what, null, start, end);
    if (action.ending() == Action.Ending.COMPLETE && !unknown && !fleeting) {
      client.unexpected(what);
    }
  }

  private boolean abort(Machine machine) {
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
