package garage.simulator.workload;

import garage.http.Headers;
import garage.simulator.client.Outcome;
import java.util.Objects;

/** What a reply means to a client. */
enum Answer {
  /** It was done. */
  DONE,
  /** A condition did not hold. */
  NOT_HELD,
  /** The object or upload is not there. */
  NOT_FOUND,
  /** It may have been done, or be done some day. */
  UNKNOWN,
  /** Nothing was done, and nobody said why. */
  NOTHING,
  /** An answer that no request of a simulation deserves. */
  WRONG;

  private static final int PRECONDITION_FAILED = 412;
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND_STATUS = 404;
  private static final int METHOD_NOT_ALLOWED = 405;

  static Answer of(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Refused() -> NOTHING;
      case Outcome.Lost _ -> UNKNOWN;
      case Outcome.Reply reply -> of(reply);
    };
  }

  private static Answer of(Outcome.Reply reply) {
    int status = status(reply);
    if (status < 300) {
      return DONE;
    }
    return switch (status) {
      case NOT_FOUND_STATUS -> missingBucket(reply) ? WRONG : NOT_FOUND;
      case METHOD_NOT_ALLOWED -> NOT_FOUND; // a delete marker is there
      case PRECONDITION_FAILED -> NOT_HELD;
      case CONFLICT -> UNKNOWN;
      default -> status >= 500 ? UNKNOWN : WRONG;
    };
  }

  /** Whether a bucket is missing that must be there. */
  private static boolean missingBucket(Outcome.Reply reply) {
    return noBucket(reply) && !reply.text().contains(Client.FLEETING);
  }

  static boolean noBucket(Outcome outcome) {
    return outcome instanceof Outcome.Reply reply
        && Objects.equals(reply.element("Code"), "NoSuchBucket");
  }

  /** The status, that of an error that came after a 200 included. */
  static int status(Outcome.Reply reply) {
    if (reply.status() != 200
        || !"application/xml".equals(reply.headers().first("Content-Type"))
        || !reply.text().contains("<Error>")
        || reply.text().contains("<DeleteResult")) {
      return reply.status() == 200 && !reply.whole() && isDocument(reply) ? 500 : reply.status();
    }
    return switch (Objects.requireNonNullElse(reply.element("Code"), "")) {
      case "NoSuchKey", "NoSuchUpload", "NoSuchBucket" -> NOT_FOUND_STATUS;
      case "PreconditionFailed" -> PRECONDITION_FAILED;
      case "OperationAborted", "ConditionalRequestConflict" -> CONFLICT;
      case "InvalidPart", "InvalidRequest", "AccessDenied" -> 400;
      default -> 503;
    };
  }

  private static boolean isDocument(Outcome.Reply reply) {
    return "application/xml".equals(reply.headers().first("Content-Type"));
  }

  /** What a DeleteObjects says of one key, as if it had been deleted alone. */
  static Outcome ofDeleted(Outcome outcome, String key) {
    if (!(outcome instanceof Outcome.Reply reply) || reply.status() != 200) {
      return outcome;
    }
    boolean done = reply.text().contains("<Deleted><Key>" + key + "</Key>");
    return new Outcome.Reply(done ? 204 : 503, Headers.EMPTY, new byte[0], true);
  }
}
