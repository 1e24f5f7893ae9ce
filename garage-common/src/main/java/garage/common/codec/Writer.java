package garage.common.codec;

import garage.common.id.Bytes32;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Builds the binary form of a value: big-endian fixed numbers, LEB128 lengths, no padding. */
public final class Writer {
  private byte[] buffer;
  private int length;

  public Writer() {
    this(64);
  }

  /** {@code sizeHint} is the expected length in bytes. */
  public Writer(int sizeHint) {
    buffer = new byte[Math.max(16, sizeHint)];
  }

  /** One byte, 0 to 255. */
  public Writer u8(int value) {
    room(1);
    buffer[length++] = (byte) value;
    return this;
  }

  /** True as 1, false as 0. */
  public Writer bool(boolean value) {
    return u8(value ? 1 : 0);
  }

  /** Four bytes, big-endian, so that unsigned values sort as they count. */
  public Writer i32(int value) {
    room(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      buffer[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** Eight bytes, big-endian, so that unsigned values sort as they count. */
  public Writer i64(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      buffer[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** A number that is usually small and never negative: LEB128, 1 to 9 bytes. */
  public Writer varint(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("negative: " + value);
    }
    room(9);
    long rest = value;
    while (rest >= 0x80) {
      buffer[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[length++] = (byte) rest;
    return this;
  }

  /** Bytes without their length. */
  public Writer raw(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
    return this;
  }

  /** The 32 bytes. */
  public Writer bytes32(Bytes32 value) {
    return i64(value.first()).i64(value.second()).i64(value.third()).i64(value.fourth());
  }

  /** Bytes after their length. */
  public Writer bytes(byte[] bytes) {
    return varint(bytes.length).raw(bytes);
  }

  /** UTF-8 bytes after their length. */
  public Writer string(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** A presence byte, then the value if there is one. */
  public <T> Writer optional(@Nullable T value, Codec<T> codec) {
    bool(value != null);
    if (value != null) {
      codec.write(this, value);
    }
    return this;
  }

  /** The count, then each item. */
  public <T> Writer list(Collection<T> items, Codec<T> codec) {
    varint(items.size());
    for (T item : items) {
      codec.write(this, item);
    }
    return this;
  }

  /** One value by its codec. */
  public <T> Writer value(T value, Codec<T> codec) {
    codec.write(this, value);
    return this;
  }

  /** A fresh array of everything written. */
  public byte[] toBytes() {
    return Arrays.copyOf(buffer, length);
  }

  private void room(int bytes) {
    if (length + bytes > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + bytes));
    }
  }
}
