package garage.table.register;

import garage.common.env.Deadline;
import garage.common.time.Timestamp;

/**
 * Dates of versions that must follow the order in which they took effect. A version is dated by its
 * identity, the ballot of its first attempt. That one is below those of versions which took effect
 * meanwhile, if the attempt failed and the write is applied by a later one: such a version is dated
 * anew, and keeps its identity, by which it is applied at most once.
 */
public interface Dating<V> {
  /** {@code version}, dated {@code date}. */
  V dated(V version, Timestamp date);

  /** The date of {@code version}, accepted with the identity {@code id}. */
  Timestamp dateOf(V version, Timestamp id);

  /**
   * Sees to it, durably, that what some replica holds with this date is never taken for a version
   * beside the one that is about to be dated anew.
   */
  void disown(Timestamp date, Deadline deadline);
}
