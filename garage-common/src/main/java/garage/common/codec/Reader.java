package garage.common.codec;

import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link Writer} wrote. Bytes may come from a peer or a damaged disk: every method
 * throws {@link GarageException.Corrupt} on input that {@link Writer} cannot have produced, and
 * none allocates more than the input's length.
 */
public final class Reader {
  private final ByteBuffer in;

  public Reader(byte[] bytes) {
    this(ByteBuffer.wrap(bytes));
  }

  /** Reads from the buffer's position to its limit. */
  public Reader(ByteBuffer bytes) {
    in = bytes.slice();
  }

  /** One byte, 0 to 255. */
  public int u8() {
    need(1);
    return in.get() & 0xff;
  }

  /** A boolean. */
  public boolean bool() {
    int value = u8();
    if (value > 1) {
      throw new GarageException.Corrupt("not a boolean: " + value);
    }
    return value == 1;
  }

  /** Four bytes. */
  public int i32() {
    need(4);
    return in.getInt();
  }

  /** Eight bytes. */
  public long i64() {
    need(8);
    return in.getLong();
  }

  /** A non-negative number in LEB128. */
  public long varint() {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int b = u8();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        if (b == 0 && shift > 0) {
          throw new GarageException.Corrupt("a number with leading zeros");
        }
        return value;
      }
    }
    throw new GarageException.Corrupt("a number of more than 63 bits");
  }

  /** A non-negative number that fits an int. */
  public int varint32() {
    long value = varint();
    if (value > Integer.MAX_VALUE) {
      throw new GarageException.Corrupt("a number of more than 31 bits: " + value);
    }
    return (int) value;
  }

  /** Exactly {@code length} bytes. */
  public byte[] raw(int length) {
    need(length);
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /** The 32 bytes. */
  public Bytes32 bytes32() {
    need(Bytes32.LENGTH);
    return new Bytes32(in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }

  /** Bytes after their length. */
  public byte[] bytes() {
    return raw(varint32());
  }

  /** UTF-8 after its length. */
  public String string() {
    byte[] bytes = bytes();
    String text = new String(bytes, StandardCharsets.UTF_8);
    boolean replaced = text.indexOf('\ufffd') >= 0;
    if (replaced && !Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8))) {
      throw new GarageException.Corrupt("text that is not UTF-8");
    }
    return text;
  }

  /** A value if there is one. */
  public <T> @Nullable T optional(Codec<T> codec) {
    return bool() ? codec.read(this) : null;
  }

  /** An unmodifiable list. */
  public <T> List<T> list(Codec<T> codec) {
    int count = varint32();
    need(count); // each item takes at least a byte
    List<T> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(codec.read(this));
    }
    return List.copyOf(items);
  }

  /** One value by its codec. */
  public <T> T value(Codec<T> codec) {
    return codec.read(this);
  }

  /** The bytes not read yet. */
  public int remaining() {
    return in.remaining();
  }

  /** Fails if anything is left. */
  public void end() {
    if (in.hasRemaining()) {
      throw new GarageException.Corrupt(in.remaining() + " bytes after the end of the value");
    }
  }

  private void need(int bytes) {
    if (bytes < 0 || in.remaining() < bytes) {
      throw new GarageException.Corrupt("the value is cut short");
    }
  }
}
