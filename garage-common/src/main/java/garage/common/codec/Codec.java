package garage.common.codec;

import garage.common.id.Bytes32;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The binary form of a type inside another value. What stands alone, in a store, a file or a
 * message, is wrapped in a {@link VersionedCodec}.
 */
public interface Codec<T> {
  Codec<String> STRING = of(Writer::string, Reader::string);
  Codec<byte[]> BYTES = of(Writer::bytes, Reader::bytes);
  Codec<Boolean> BOOL = of(Writer::bool, Reader::bool);
  Codec<Long> VARINT = of(Writer::varint, Reader::varint);
  Codec<Integer> VARINT32 = of((out, v) -> out.varint(v), Reader::varint32);
  Codec<Bytes32> BYTES32 = of(Writer::bytes32, Reader::bytes32);
  Codec<Hash> HASH = of((out, v) -> out.bytes32(v.value()), in -> new Hash(in.bytes32()));
  Codec<NodeId> NODE_ID = of((out, v) -> out.bytes32(v.value()), in -> new NodeId(in.bytes32()));
  Codec<Uuid> UUID = of((out, v) -> out.bytes32(v.value()), in -> new Uuid(in.bytes32()));

  /** Appends {@code value}. */
  void write(Writer out, T value);

  /** Reads one value and leaves the reader after it. */
  T read(Reader in);

  /** A codec of two functions. */
  static <T> Codec<T> of(BiConsumer<Writer, T> write, Function<Reader, T> read) {
    return new Codec<>() {
      @Override
      public void write(Writer out, T value) {
        write.accept(out, value);
      }

      @Override
      public T read(Reader in) {
        return read.apply(in);
      }
    };
  }
}
