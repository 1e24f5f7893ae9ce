package garage.common.error;

import garage.common.check.Invariant;

/** The wire value of each {@link GarageException}; numbers are never reused. */
public enum ErrorCode {
  QUORUM_NOT_REACHED(1),
  TIMED_OUT(2),
  UNREACHABLE(3),
  CANCELLED(4),
  CORRUPT(5),
  MISSING(6),
  STORAGE_FAILED(7),
  STORAGE_FULL(8),
  INVALID_INPUT(9),
  CONFLICT(10),
  DENIED(11),
  OVERLOADED(12),
  INTERNAL(13),
  STALE(14);

  private final int number;

  ErrorCode(int number) {
    Invariant.check(number > 0 && number < 256, "error numbers fit a byte");
    this.number = number;
  }

  /** The number on the wire, 1 to 255. */
  public int number() {
    return number;
  }

  /** The code of {@code number}; a number of a later version reads as {@link #INTERNAL}. */
  public static ErrorCode ofNumber(int number) {
    for (ErrorCode code : values()) {
      if (code.number == number) {
        return code;
      }
    }
    return INTERNAL;
  }
}
