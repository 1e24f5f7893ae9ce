package garage.common.error;

import org.jspecify.annotations.Nullable;

/**
 * Every failure this system distinguishes: a type exists only where a caller acts differently. All
 * are unchecked, and each travels over RPC as a {@link ErrorCode} and its message. Mapping to S3
 * and admin codes is done in one place per API.
 */
public abstract sealed class GarageException extends RuntimeException {
  private GarageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The value that stands for this type on the wire. */
  public abstract ErrorCode code();

  /** Rebuilds the failure a peer reported. */
  public static GarageException of(ErrorCode code, String message) {
    return switch (code) {
      case QUORUM_NOT_REACHED -> new QuorumNotReached(message);
      case TIMED_OUT -> new TimedOut(message);
      case UNREACHABLE -> new Unreachable(message);
      case CANCELLED -> new Cancelled(message);
      case CORRUPT -> new Corrupt(message);
      case MISSING -> new Missing(message);
      case STORAGE_FAILED -> new StorageFailed(message, null);
      case STORAGE_FULL -> new StorageFull(message);
      case INVALID_INPUT -> new InvalidInput(message);
      case CONFLICT -> new Conflict(message);
      case DENIED -> new Denied(message);
      case OVERLOADED -> new Overloaded(message);
      case INTERNAL -> new Internal(message);
      case STALE -> new Stale(message);
    };
  }

  /** Too few replicas answered; for a write the outcome is unknown. */
  public static final class QuorumNotReached extends GarageException {
    public QuorumNotReached(String message) {
      super(message, null);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.QUORUM_NOT_REACHED;
    }
  }

  /** A deadline passed; the outcome is unknown. */
  public static final class TimedOut extends GarageException {
    public TimedOut(String message) {
      super(message, null);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.TIMED_OUT;
    }
  }

  /** A peer has no connection, or lost it during the call. */
  public static final class Unreachable extends GarageException {
    public Unreachable(String message) {
      super(message, null);
    }

    public Unreachable(String message, Throwable cause) {
      super(message, cause);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.UNREACHABLE;
    }
  }

  /** The calling task was cancelled; nobody waits for the result. */
  public static final class Cancelled extends GarageException {
    public Cancelled(String message) {
      super(message, null);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.CANCELLED;
    }
  }

  /** Stored or received bytes are not what was written. */
  public static final class Corrupt extends GarageException {
    public Corrupt(String message) {
      super(message, null);
    }

    public Corrupt(String message, Throwable cause) {
      super(message, cause);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.CORRUPT;
    }
  }

  /** What was asked for is not here. */
  public static final class Missing extends GarageException {
    public Missing(String message) {
      super(message, null);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.MISSING;
    }
  }

  /** A disk or the metadata store failed. */
  public static final class StorageFailed extends GarageException {
    public StorageFailed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.STORAGE_FAILED;
    }
  }

  /** No space beyond the reserve: writes are refused, reads and deletes go on. */
  public static final class StorageFull extends GarageException {
    public StorageFull(String message) {
      super(message, null);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.STORAGE_FULL;
    }
  }

  /** The caller's input is wrong; the message is for the user. */
  public static final class InvalidInput extends GarageException {
    public InvalidInput(String message) {
      super(message, null);
    }

    public InvalidInput(String message, Throwable cause) {
      super(message, cause);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.INVALID_INPUT;
    }
  }

  /** The state does not allow the operation; the message is for the user. */
  public static final class Conflict extends GarageException {
    public Conflict(String message) {
      super(message, null);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.CONFLICT;
    }
  }

  /** The caller may not do this. */
  public static final class Denied extends GarageException {
    public Denied(String message) {
      super(message, null);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.DENIED;
    }
  }

  /** A bounded resource is used up; try again later. */
  public static final class Overloaded extends GarageException {
    public Overloaded(String message) {
      super(message, null);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.OVERLOADED;
    }
  }

  /** A bug, here or at the peer. */
  public static final class Internal extends GarageException {
    public Internal(String message) {
      super(message, null);
    }

    public Internal(String message, Throwable cause) {
      super(message, cause);
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.INTERNAL;
    }
  }

  /**
   * The message is of an epoch that has ended, and nothing was done: the caller has to learn the
   * present one and begin again.
   */
  public static final class Stale extends GarageException {
    private static final String TEXT = "the message is of an epoch that has ended; present epoch ";

    /** A message as {@link #of} writes it, or any other. */
    public Stale(String message) {
      super(message, null);
    }

    /** The refusal of a node that is in {@code epoch}. */
    public static Stale of(long epoch) {
      return new Stale(TEXT + epoch);
    }

    /** The epoch the refusing node is in; 0 if it did not say. */
    public long epoch() {
      String message = String.valueOf(getMessage());
      String number = message.startsWith(TEXT) ? message.substring(TEXT.length()) : "";
      return number.matches("[0-9]{1,18}") ? Long.parseLong(number) : 0;
    }

    @Override
    public ErrorCode code() {
      return ErrorCode.STALE;
    }
  }
}
