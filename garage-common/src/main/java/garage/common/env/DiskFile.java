package garage.common.env;

import java.nio.ByteBuffer;

/** An open file of a {@link Disk}; positions are absolute, so tasks may share it for reading. */
public interface DiskFile extends AutoCloseable {
  /** Its length in bytes. */
  long size();

  /**
   * Fills {@code target} from {@code position}.
   *
   * @throws garage.common.error.GarageException.Corrupt if the file ends before it is full
   */
  void read(long position, ByteBuffer target);

  /** Writes all of {@code source} at {@code position}. */
  void write(long position, ByteBuffer source);

  /** Makes the bytes written so far durable, as {@code fdatasync} does. */
  void sync();

  @Override
  void close();
}
