package garage.block;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A block that is to be looked at, because it is or may be missing here.
 *
 * @param errors failed attempts in a row
 * @param lastTryMillis when the last of them was, in wall-clock time; 0 if there was none
 * @param nextTryMillis when it is looked at
 * @param lastError what the last attempt failed with, empty if there was none
 */
record WantedBlock(int errors, long lastTryMillis, long nextTryMillis, String lastError) {
  /** The wait after the first failure; doubled for each further one. */
  static final Duration RETRY_MIN = Duration.ofMinutes(1);

  /** The longest wait. */
  static final Duration RETRY_MAX = Duration.ofMinutes(64);

  private static final int MESSAGE_CHARS_MAX = 300;

  static final VersionedCodec<WantedBlock> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, v) ->
                  out.varint(v.errors)
                      .i64(v.lastTryMillis)
                      .i64(v.nextTryMillis)
                      .string(v.lastError),
              in -> new WantedBlock(in.varint32(), in.i64(), in.i64(), in.string())));

  /** To be looked at now. */
  static WantedBlock at(long nowMillis) {
    return new WantedBlock(0, 0, nowMillis, "");
  }

  /** After another failure. */
  WantedBlock failed(long nowMillis, @Nullable String message) {
    String text = message == null ? "" : message;
    String shown = text.length() > MESSAGE_CHARS_MAX ? text.substring(0, MESSAGE_CHARS_MAX) : text;
    return new WantedBlock(errors + 1, nowMillis, nowMillis + wait(errors).toMillis(), shown);
  }

  private static Duration wait(int errorsBefore) {
    Duration doubled = RETRY_MIN.multipliedBy(1L << Math.min(errorsBefore, 20));
    return doubled.compareTo(RETRY_MAX) < 0 ? doubled : RETRY_MAX;
  }

  /** Whether this was made by a clock that is ahead of {@code nowMillis}, and would wait for it. */
  boolean isOfAnotherClock(long nowMillis) {
    return lastTryMillis > nowMillis || (errors == 0 && nextTryMillis > nowMillis);
  }

  /** The same, to be tried now. */
  WantedBlock now(long nowMillis) {
    return new WantedBlock(errors, lastTryMillis, nowMillis, lastError);
  }
}
