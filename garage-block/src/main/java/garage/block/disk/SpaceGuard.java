package garage.block.disk;

import garage.common.env.Clock;
import garage.common.env.Disk;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Refuses writes to a disk that would leave less than its reserve. The disk is asked rarely while
 * there is plenty, and at every write once there is not, so that writes resume by themselves.
 */
public final class SpaceGuard {
  /** Others write to the disk too; a second's worth of them fits the reserve. */
  private static final long REFRESH_NANOS = 1_000_000_000L;

  /** Written on the strength of one look: half of the smallest default reserve. */
  private static final long SPENT_BYTES_MAX = 64L << 20;

  private final String name;
  private final Disk disk;
  private final SpaceReserve reserve;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private Disk.Space space = new Disk.Space(0, 0);
  private long spent;
  private long lookedAt;

  /** {@code name} is the disk's directory, for messages. */
  public SpaceGuard(String name, Disk disk, SpaceReserve reserve, Clock clock) {
    this.name = name;
    this.disk = disk;
    this.reserve = reserve;
    this.clock = clock;
  }

  /**
   * Accounts for {@code bytes} about to be written.
   *
   * @throws GarageException.StorageFull if they would go into the reserve
   */
  public void spend(long bytes) {
    lock.lock();
    try {
      boolean old = clock.nanos() - lookedAt > REFRESH_NANOS || spent > SPENT_BYTES_MAX;
      if (old || !fits(bytes)) {
        look();
      }
      if (!fits(bytes)) {
        throw new GarageException.StorageFull(
            name
                + " has "
                + new ByteSize(Math.max(0, space.available()))
                + " left, and "
                + new ByteSize(reserve.bytes(space.total()))
                + " of it are kept in reserve");
      }
      spent += bytes;
    } finally {
      lock.unlock();
    }
  }

  private boolean fits(long bytes) {
    return space.available() - spent - bytes >= reserve.bytes(space.total());
  }

  private void look() {
    space = disk.space();
    spent = 0;
    lookedAt = clock.nanos();
  }
}
