package garage.table.register;

import garage.common.env.Deadline;
import garage.common.time.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * The date of the version that one write sends, over all its attempts; used by one task.
 *
 * <p>Invariant: of the dates that any replica was sent, all but {@link #date} are disowned. So what
 * a version in effect is dated is at least the ballot of the first attempt that could make it so,
 * and nothing that took effect before it has a later one.
 */
final class Dates<V> {
  private final @Nullable Dating<V> dating;
  private final Deadline deadline;
  private Timestamp date;
  private Timestamp sentAt;
  private boolean isRenewed;

  /** Of a write that was sent, or is to be sent, at the ballot {@code id} first. */
  Dates(@Nullable Dating<V> dating, Timestamp id, Deadline deadline) {
    this.dating = dating;
    this.deadline = deadline;
    this.date = id;
    this.sentAt = id;
  }

  /** That of what was sent last. */
  Timestamp date() {
    return date;
  }

  /**
   * What is to be sent at {@code ballot} in place of {@code version}, which is in effect nowhere.
   */
  V renewed(V version, Timestamp ballot) {
    if (dating == null) {
      return version;
    }
    dating.disown(date, deadline);
    date = ballot;
    isRenewed = true;
    return dating.dated(version, ballot);
  }

  /** As above, where {@code shown} is what the newest replica holds of this write. */
  V continued(V version, RegisterReply.State<V> shown, Timestamp ballot) {
    V held = shown.version();
    boolean same = dating == null || (held != null && dating.dateOf(held, shown.id()).equals(date));
    return same ? version : renewed(version, ballot);
  }

  /** {@code version} of {@link #date} is being sent. */
  void sent(Timestamp ballot) {
    sentAt = ballot;
  }

  /** Whether what took effect at {@code ballot} has {@link #date}. */
  boolean isOf(Timestamp ballot) {
    return !isRenewed || ballot.equals(sentAt);
  }
}
