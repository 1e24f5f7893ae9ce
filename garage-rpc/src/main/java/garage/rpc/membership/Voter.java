package garage.rpc.membership;

import garage.common.env.Disk;
import garage.layout.Epoch;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** This node's vote on the next epoch: promises and acceptances, durable before they are told. */
final class Voter {
  private static final String FILE = "layout_vote";

  private final Disk disk;
  private final LayoutStore store;
  private final ReentrantLock lock = new ReentrantLock();
  private Vote.@Nullable State state;

  Voter(Disk disk, LayoutStore store) {
    this.disk = disk;
    this.store = store;
    this.state = disk.exists(FILE) ? Vote.State.CODEC.decode(disk.readAll(FILE)) : null;
  }

  Vote.Reply prepare(Vote.Prepare prepare) {
    lock.lock();
    try {
      Epoch now = store.merge(prepare.base()).epoch();
      Vote.State kept = state(now);
      Ballot promised = kept.promised();
      boolean granted =
          now.equals(prepare.base().epoch())
              && (promised == null || promised.compareTo(prepare.ballot()) < 0);
      if (granted) {
        kept = keep(new Vote.State(now, prepare.ballot(), kept.accepted()));
      }
      return reply(granted, kept);
    } finally {
      lock.unlock();
    }
  }

  Vote.Reply accept(Vote.Accept accept) {
    lock.lock();
    try {
      Epoch now = store.history().epoch();
      Vote.State kept = state(now);
      Ballot promised = kept.promised();
      boolean granted =
          now.equals(accept.base())
              && (promised == null || promised.compareTo(accept.ballot()) <= 0);
      if (granted) {
        Vote.Accepted accepted = new Vote.Accepted(accept.ballot(), accept.next());
        kept = keep(new Vote.State(now, accept.ballot(), accepted));
      }
      return reply(granted, kept);
    } finally {
      lock.unlock();
    }
  }

  private Vote.Reply reply(boolean granted, Vote.State kept) {
    return new Vote.Reply(granted, store.history(), kept.promised(), kept.accepted());
  }

  /** A vote on an earlier step is of no use any more. */
  private Vote.State state(Epoch now) {
    Vote.State kept = state;
    return kept != null && kept.base().equals(now) ? kept : new Vote.State(now, null, null);
  }

  private Vote.State keep(Vote.State next) {
    disk.replace(FILE, Vote.State.CODEC.encode(next));
    state = next;
    return next;
  }
}
