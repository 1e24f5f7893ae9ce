package garage.common.env.system;

import garage.common.check.Invariant;
import garage.common.env.DiskWriter;
import garage.common.env.system.SystemDisk.Call;
import garage.common.error.GarageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a new file in one aligned buffer and writes it with few calls: past the page cache where
 * the file system lets us, because pages that are filled only to be written out and dropped cost
 * more than all hashing of the bytes. The file's first page stays in the buffer until its head is
 * known, so a file of up to a buffer's length is one write.
 *
 * <pre>
 *   buffer   [ first page | pages of the file from {@code flushed} on ]
 * </pre>
 *
 * <p>Writes past the cache wait for the device and run on {@link SyncThreads}, the last one
 * together with the sync; they end in whole pages, so the file is cut to its length after. Whether
 * the file system takes such writes is only known when it has taken one: until then a write that
 * fails is tried again through the cache, and if that works, no more are made on this disk.
 */
final class StagedWriter implements DiskWriter {
  private static final int PAGE_BYTES = StagingBuffers.PAGE_BYTES;

  private final SystemDisk disk;
  private final Path path;
  private final int headBytes;
  private final boolean durable;
  private final ByteBuffer buffer;
  private AsynchronousFileChannel channel;
  private boolean direct;
  private boolean closed;

  /** Where the buffer's second page belongs in the file. */
  private long flushed = PAGE_BYTES;

  private StagedWriter(
      SystemDisk disk, Path path, int headBytes, boolean durable, ByteBuffer staging)
      throws IOException {
    Invariant.check(headBytes >= 0 && headBytes <= HEAD_BYTES_MAX, "a head's length", headBytes);
    this.disk = disk;
    this.path = path;
    this.headBytes = headBytes;
    this.durable = durable;
    this.buffer = staging.position(headBytes);
    OpenOption option = durable ? disk.directWrites().wanted() : null;
    this.direct = option != null;
    this.channel = option == null ? openCached() : openDirect(option);
  }

  /** Creates the file {@code path}, or empties the one that is there. */
  static StagedWriter open(SystemDisk disk, Path path, int headBytes, boolean durable)
      throws IOException {
    ByteBuffer staging = disk.staging().take();
    boolean opened = false;
    try {
      StagedWriter writer = new StagedWriter(disk, path, headBytes, durable, staging);
      opened = true;
      return writer;
    } finally {
      if (!opened) {
        disk.staging().give(staging);
      }
    }
  }

  private AsynchronousFileChannel openCached() throws IOException {
    return SystemDiskFile.channel(path, SystemDisk.EMPTYING);
  }

  private AsynchronousFileChannel openDirect(OpenOption option) throws IOException {
    Exception refusal;
    try {
      Set<OpenOption> options = new HashSet<>(SystemDisk.EMPTYING);
      options.add(option);
      return SystemDiskFile.channel(path, options);
    } catch (UnsupportedOperationException e) {
      refusal = e;
    } catch (IOException e) {
      if (e instanceof NoSuchFileException || disk.directWrites().known()) {
        throw e;
      }
      refusal = e;
    }
    direct = false;
    AsynchronousFileChannel cached = openCached();
    disk.directWrites().refused(path, refusal);
    return cached;
  }

  @Override
  public void append(ByteBuffer source) {
    int end = source.limit();
    while (source.hasRemaining()) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int n = Math.min(source.remaining(), buffer.remaining());
      buffer.put(source.limit(source.position() + n));
      source.limit(end);
    }
  }

  /** Writes all but the first page, and makes room behind that. */
  private void flush() {
    ByteBuffer pages = buffer.duplicate().position(PAGE_BYTES).limit(buffer.capacity());
    run(() -> write(flushed, pages));
    flushed += buffer.capacity() - PAGE_BYTES;
    buffer.position(PAGE_BYTES);
  }

  @Override
  public void finish(ByteBuffer head) {
    Invariant.check(head.remaining() == headBytes, "the head fits", head.remaining());
    int end = buffer.position();
    buffer.put(0, head, head.position(), headBytes);
    long length = end <= PAGE_BYTES ? end : flushed + end - PAGE_BYTES;
    run(() -> complete(end, length));
  }

  private boolean complete(int end, long length) throws IOException {
    int padded = direct ? (end + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES : end;
    if (flushed == PAGE_BYTES) {
      write(0, buffer.duplicate().position(0).limit(padded));
    } else {
      write(flushed, buffer.duplicate().position(PAGE_BYTES).limit(padded));
      write(0, buffer.duplicate().position(0).limit(PAGE_BYTES));
    }
    if (channel.size() > length) {
      channel.truncate(length);
    }
    if (durable) {
      channel.force(false);
    }
    return true;
  }

  private void run(Call<Boolean> action) {
    boolean waits = direct || durable;
    disk.write("write " + path, waits ? () -> disk.syncs().call(action) : action);
  }

  private boolean write(long position, ByteBuffer source) throws IOException {
    if (!direct) {
      drain(position, source);
    } else if (disk.directWrites().known()) {
      drain(position, source);
    } else {
      tryDirect(position, source);
    }
    return true;
  }

  private void tryDirect(long position, ByteBuffer source) throws IOException {
    int start = source.position();
    @Nullable IOException refusal = null;
    try {
      drain(position, source);
      disk.directWrites().worked();
    } catch (IOException e) {
      refusal = e;
    }
    if (refusal != null) {
      channel.close();
      channel = SystemDiskFile.channel(path, SystemDisk.OVERWRITING);
      direct = false;
      drain(position, source.position(start));
      disk.directWrites().refused(path, refusal);
    }
  }

  private void drain(long position, ByteBuffer source) throws IOException {
    long at = position;
    while (source.hasRemaining()) {
      at += SystemDiskFile.result(channel.write(source, at));
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      throw new GarageException.StorageFailed("cannot close " + path, e);
    } finally {
      disk.staging().give(buffer);
    }
  }
}
