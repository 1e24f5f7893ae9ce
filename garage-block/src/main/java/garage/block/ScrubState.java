package garage.block;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.error.GarageException;
import org.jspecify.annotations.Nullable;

/**
 * How far the look over all blocks has come; kept in the store. Times are wall-clock milliseconds,
 * 0 for never.
 *
 * @param leaf the directory at hand
 * @param after the last file looked at in it; empty before the first
 * @param checked blocks looked at in this round
 * @param bad damaged, unreadable or missing blocks found in this round
 * @param badEver the same since the node exists
 */
record ScrubState(
    Phase phase,
    long pausedUntil,
    int leaf,
    byte[] after,
    long begun,
    long checked,
    long bad,
    long badEver,
    long lastCompleted,
    long nextRun) {
  static final VersionedCodec<ScrubState> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, v) ->
                  out.u8(v.phase.code)
                      .i64(v.pausedUntil)
                      .varint(v.leaf)
                      .bytes(v.after)
                      .i64(v.begun)
                      .varint(v.checked)
                      .varint(v.bad)
                      .varint(v.badEver)
                      .i64(v.lastCompleted)
                      .i64(v.nextRun),
              in ->
                  new ScrubState(
                      Phase.ofCode(in.u8()),
                      in.i64(),
                      in.varint32(),
                      in.bytes(),
                      in.i64(),
                      in.varint(),
                      in.varint(),
                      in.varint(),
                      in.i64(),
                      in.i64())));

  private static final byte[] START = {};

  /** Whether it goes on. */
  enum Phase {
    IDLE(0),
    RUNNING(1),
    PAUSED(2);

    private final int code;

    Phase(int code) {
      this.code = code;
    }

    private static Phase ofCode(int code) {
      for (Phase phase : values()) {
        if (phase.code == code) {
          return phase;
        }
      }
      throw new GarageException.Corrupt("not a phase of the scrub: " + code);
    }
  }

  /** Before the first round. */
  static ScrubState firstAt(long nextRun) {
    return new ScrubState(Phase.IDLE, 0, 0, START, 0, 0, 0, 0, 0, nextRun);
  }

  ScrubState started(long now) {
    return new ScrubState(Phase.RUNNING, 0, 0, START, now, 0, 0, badEver, lastCompleted, nextRun);
  }

  ScrubState paused(long until) {
    return with(Phase.PAUSED, until);
  }

  ScrubState resumed() {
    return with(Phase.RUNNING, 0);
  }

  ScrubState cancelled(long next) {
    return new ScrubState(Phase.IDLE, 0, 0, START, 0, 0, 0, badEver, lastCompleted, next);
  }

  ScrubState completed(long now, long next) {
    return new ScrubState(Phase.IDLE, 0, 0, START, begun, checked, bad, badEver, now, next);
  }

  /** After a file, of which {@code wrong} copies were bad. */
  ScrubState past(byte[] file, int wrong) {
    return new ScrubState(
        phase,
        pausedUntil,
        leaf,
        file,
        begun,
        checked + 1,
        bad + wrong,
        badEver + wrong,
        lastCompleted,
        nextRun);
  }

  /** After a directory, in which {@code missing} blocks were not. */
  ScrubState pastLeaf(int missing) {
    return new ScrubState(
        phase,
        pausedUntil,
        leaf + 1,
        START,
        begun,
        checked,
        bad + missing,
        badEver + missing,
        lastCompleted,
        nextRun);
  }

  private ScrubState with(Phase next, long until) {
    return new ScrubState(
        next, until, leaf, after, begun, checked, bad, badEver, lastCompleted, nextRun);
  }

  static ScrubState decode(byte @Nullable [] value, long firstRun) {
    return value == null ? firstAt(firstRun) : CODEC.decode(value);
  }
}
