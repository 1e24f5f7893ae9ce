package garage.common.env.system;

import garage.common.env.DiskFile;
import garage.common.error.GarageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * An open file. The JDK closes a {@link java.nio.channels.FileChannel} under everyone when one
 * thread is interrupted while reading it, so that cancelling one request would break the others
 * that share the file. Its asynchronous channel has the same positional reads and writes and
 * ignores interrupts; with an executor that runs each operation in the calling thread it is no
 * longer asynchronous, and costs what the other one costs.
 *
 * <p>Reads and writes mostly meet the page cache and run on the caller's carrier thread. A sync
 * waits for the device and would hold up every virtual thread that needs the carrier: it runs on
 * {@link SyncThreads}.
 */
final class SystemDiskFile implements DiskFile {
  private final SystemDisk disk;
  private final Path path;
  private final AsynchronousFileChannel channel;

  private SystemDiskFile(SystemDisk disk, Path path, AsynchronousFileChannel channel) {
    this.disk = disk;
    this.path = path;
    this.channel = channel;
  }

  static SystemDiskFile open(SystemDisk disk, Path path, Set<OpenOption> options)
      throws IOException {
    return new SystemDiskFile(disk, path, channel(path, options));
  }

  /** A channel whose operations run in the calling thread, whether it is interrupted or not. */
  static AsynchronousFileChannel channel(Path path, Set<OpenOption> options) throws IOException {
    return AsynchronousFileChannel.open(path, options, new CallingThread());
  }

  @Override
  public long size() {
    return disk.read("measure " + path, channel::size);
  }

  @Override
  public void read(long position, ByteBuffer target) {
    disk.read("read " + path, () -> fill(position, target));
  }

  private long fill(long position, ByteBuffer target) throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      int n = result(channel.read(target, at));
      if (n < 0) {
        throw new GarageException.Corrupt(path + " ends at " + at);
      }
      at += n;
    }
    return at;
  }

  @Override
  public void write(long position, ByteBuffer source) {
    disk.write("write " + path, () -> drain(position, source));
  }

  private long drain(long position, ByteBuffer source) throws IOException {
    long at = position;
    while (source.hasRemaining()) {
      at += result(channel.write(source, at));
    }
    return at;
  }

  @Override
  public void sync() {
    disk.write("sync " + path, () -> disk.syncs().call(this::force));
  }

  private boolean force() throws IOException {
    channel.force(false);
    return true;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new GarageException.StorageFailed("cannot close " + path, e);
    }
  }

  /** The result of an operation that has run in this thread already. */
  static int result(Future<Integer> done) throws IOException {
    try {
      return done.get();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the operation did not run in the calling thread", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Runs everything where it is asked for. */
  private static final class CallingThread extends AbstractExecutorService {
    @Override
    public void execute(Runnable command) {
      command.run();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return false;
    }
  }
}
