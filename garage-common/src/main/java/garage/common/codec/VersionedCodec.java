package garage.common.codec;

import garage.common.error.GarageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The standing form of a persisted or transmitted type: one version byte, then the value. The
 * newest version is written; every older one is still read, through the chain of migrations
 * declared beside it:
 *
 * <pre>{@code
 * static final VersionedCodec<Role> CODEC =
 *     VersionedCodec.first(RoleV1.CODEC).then(Role.FIELDS, Role::migrate);
 * }</pre>
 *
 * Versions count from 1 and are never removed.
 */
public final class VersionedCodec<T> implements Codec<T> {
  private final Codec<T> newest;
  private final List<Function<Reader, T>> readers;

  private VersionedCodec(Codec<T> newest, List<Function<Reader, T>> readers) {
    this.newest = newest;
    this.readers = readers;
  }

  /** A type in its first version. */
  public static <T> VersionedCodec<T> first(Codec<T> codec) {
    return new VersionedCodec<>(codec, List.of(codec::read));
  }

  /** The next version of the type, with the migration of values of the one before. */
  public <N> VersionedCodec<N> then(Codec<N> next, Function<T, N> migrate) {
    List<Function<Reader, N>> all = new ArrayList<>();
    for (Function<Reader, T> reader : readers) {
      all.add(reader.andThen(migrate));
    }
    all.add(next::read);
    return new VersionedCodec<>(next, List.copyOf(all));
  }

  /** The number written. */
  public int version() {
    return readers.size();
  }

  @Override
  public void write(Writer out, T value) {
    newest.write(out.u8(version()), value);
  }

  @Override
  public T read(Reader in) {
    int version = in.u8();
    if (version < 1 || version > readers.size()) {
      throw new GarageException.Corrupt(
          "format version " + version + " is not one of 1 to " + readers.size());
    }
    return readers.get(version - 1).apply(in);
  }

  /** The value alone. */
  public byte[] encode(T value) {
    Writer out = new Writer();
    write(out, value);
    return out.toBytes();
  }

  /**
   * The value that fills {@code bytes}.
   *
   * @throws GarageException.Corrupt if the bytes are not one value of a known version
   */
  public T decode(byte[] bytes) {
    return decode(ByteBuffer.wrap(bytes));
  }

  /** The value that fills the rest of {@code bytes}; see {@link #decode(byte[])}. */
  public T decode(ByteBuffer bytes) {
    Reader in = new Reader(bytes);
    T value = read(in);
    in.end();
    return value;
  }
}
