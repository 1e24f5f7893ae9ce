package garage.table.register;

import garage.common.time.Timestamp;
import garage.layout.Epoch;

/** What became of a version that was sent in an earlier round. */
enum Fate {
  /** It is the newest. */
  CURRENT,
  /** A quorum never held it, and cannot any more below the promised ballot. */
  NEVER_APPLIED,
  /** It took effect and was overwritten. */
  OVERWRITTEN,
  /** Nobody can tell. */
  UNDECIDED,
  /** The answers are void: the epoch has changed. */
  TRY_AGAIN;

  /**
   * What the answers of a round of promises prove. Of what a set says about a version sent while it
   * did not count yet, nothing follows: a write that began before needs a set that has counted
   * throughout, and that it was overwritten can be told within one epoch only.
   *
   * @param begun the epoch in which the version was sent first
   */
  static <V> Fate of(Round<V> round, Timestamp id, long begun) {
    RegisterReply.State<V> newest = round.newest();
    if (newest != null && newest.version() != null && newest.id().equals(id)) {
      return CURRENT;
    }
    Epoch then = Epoch.ofNumber(begun);
    Epoch now = Epoch.ofNumber(round.epoch());
    if (then.sharesSetWith(now) && round.quorum(r -> held(r) instanceof RegisterRow.Held.No)) {
      return NEVER_APPLIED;
    }
    if (!then.equals(now)) {
      return UNDECIDED;
    }
    for (RegisterReply.State<V> state : round.states().values()) {
      if (state.held() instanceof RegisterRow.Held.Yes yes
          && round.quorum(r -> yes.equals(held(r)))) {
        return OVERWRITTEN;
      }
    }
    return UNDECIDED;
  }

  /** What an answer says of the version that the prepare named. */
  static RegisterRow.Held held(RegisterReply<?> reply) {
    return reply instanceof RegisterReply.State<?> state
        ? state.held()
        : new RegisterRow.Held.Unknown();
  }
}
