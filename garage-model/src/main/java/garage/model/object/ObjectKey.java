package garage.model.object;

import garage.common.codec.Codec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.Bytes32;
import garage.common.id.Uuid;
import garage.layout.Partition;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where an object is: its bucket and its key, 1 to {@link #KEY_BYTES_MAX} bytes of UTF-8.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html">Object key
 *     names</a>
 */
public record ObjectKey(Uuid bucket, String key) {
  static final Codec<ObjectKey> CODEC =
      Codec.of(
          (out, k) -> out.value(k.bucket, Codec.UUID).string(k.key),
          in -> new ObjectKey(in.value(Codec.UUID), in.string()));

  /** The longest key, in bytes of UTF-8. */
  public static final int KEY_BYTES_MAX = 1024;

  public ObjectKey {
    int length = key.getBytes(StandardCharsets.UTF_8).length;
    if (length < 1 || length > KEY_BYTES_MAX) {
      throw new GarageException.InvalidInput("a key has 1 to 1024 bytes, not " + length);
    }
  }

  /** The bucket, then the key: in this order rows are stored, so that a listing is one scan. */
  byte[] storeKey() {
    byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
    return new Writer(Bytes32.LENGTH + utf8.length).bytes32(bucket.value()).raw(utf8).toBytes();
  }

  /**
   * The bucket and a key whose end can be found, in the same order: 0x00 is followed by 0xff; the
   * end, which is for the caller to add, is 0x00 0x01.
   */
  static Writer escaped(Uuid bucket, String key) {
    return escaped(bucket.toBytes(), key.getBytes(StandardCharsets.UTF_8), 0);
  }

  /** As above, of a store key, or of bytes where a range of them begins or ends. */
  static Writer escaped(byte[] storeKey) {
    if (storeKey.length < Bytes32.LENGTH) {
      return new Writer().raw(storeKey);
    }
    byte[] bucket = Arrays.copyOf(storeKey, Bytes32.LENGTH);
    return escaped(bucket, storeKey, Bytes32.LENGTH);
  }

  private static Writer escaped(byte[] bucket, byte[] bytes, int from) {
    Writer out = new Writer(bucket.length + bytes.length - from + 2).raw(bucket);
    for (int i = from; i < bytes.length; i++) {
      out.u8(bytes[i] & 0xff);
      if (bytes[i] == 0) {
        out.u8(0xff);
      }
    }
    return out;
  }

  /**
   * The store key that an escaped key with its end was made of; what follows the end is ignored.
   */
  static byte[] unescaped(byte[] escaped) {
    Writer out = new Writer(escaped.length).raw(Arrays.copyOf(escaped, Bytes32.LENGTH));
    for (int i = Bytes32.LENGTH; i + 1 < escaped.length; i++) {
      if (escaped[i] == 0 && escaped[i + 1] == 1) {
        return out.toBytes();
      }
      out.u8(escaped[i] & 0xff);
      i += escaped[i] == 0 ? 1 : 0;
    }
    throw new GarageException.Corrupt("a key without an end");
  }

  /** Reads {@link #storeKey}. */
  static ObjectKey ofStoreKey(byte[] storeKey) {
    byte[] utf8 = Arrays.copyOfRange(storeKey, Bytes32.LENGTH, storeKey.length);
    return new ObjectKey(bucketOf(storeKey), new String(utf8, StandardCharsets.UTF_8));
  }

  /** The bucket of a store key. */
  static Uuid bucketOf(byte[] storeKey) {
    return new Uuid(Bytes32.of(storeKey, 0, Bytes32.LENGTH));
  }

  /** Objects are spread by bucket and key, so that no bucket is bound to a few nodes. */
  static Partition partition(byte[] storeKey) {
    return Partition.of(Digests.sha256(storeKey));
  }
}
