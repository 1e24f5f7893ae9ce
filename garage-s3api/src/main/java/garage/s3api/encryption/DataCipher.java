package garage.s3api.encryption;

import garage.common.check.Invariant;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.s3api.request.CustomerKey;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts and decrypts one run of bytes, by AES-256-GCM in chunks, so that a range costs the
 * chunks it touches. Each block holds whole chunks, the last one of a block may be shorter; a chunk
 * is followed by its tag.
 *
 * <p>Invariant: no key meets a nonce twice. The key is derived from the client's and the id of the
 * run, which is random and never used again; the nonce is the chunk's position in the run, and each
 * position is written once. So equal bytes in two objects never look alike either, and a chunk
 * moved elsewhere does not open. For one task.
 *
 * @see <a href="https://csrc.nist.gov/pubs/sp/800/38/d/final">NIST SP 800-38D</a>
 */
public final class DataCipher {
  /** Bytes sealed together: a 64 KiB range touches five chunks; the tags are a thousandth. */
  public static final int CHUNK_BYTES = 16 * 1024;

  private static final int TAG_BYTES = 16;
  private static final int NONCE_BYTES = 12;
  private static final int POSITION_AT = 4;
  private static final String ALGORITHM = "AES/GCM/NoPadding";

  private final SecretKeySpec key;
  private final Cipher cipher;

  private DataCipher(SecretKeySpec key, Cipher cipher) {
    this.key = key;
    this.cipher = cipher;
  }

  /** The cipher of the run {@code id}, or of the bytes that are kept with the salt {@code id}. */
  public static DataCipher of(CustomerKey customer, Uuid id) {
    try {
      byte[] key = customer.derive("garage sse-c data 1", id).toBytes();
      return new DataCipher(new SecretKeySpec(key, "AES"), Cipher.getInstance(ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform lacks " + ALGORITHM, e);
    }
  }

  /** How long {@code plainBytes} of one block are when they are sealed. */
  public static int sealedBytes(int plainBytes) {
    return plainBytes + TAG_BYTES * Math.ceilDiv(plainBytes, CHUNK_BYTES);
  }

  /** How many bytes fit a block of {@code blockBytes} when they are sealed. */
  public static int plainBytesMax(int blockBytes) {
    int whole = blockBytes / (CHUNK_BYTES + TAG_BYTES);
    int rest = blockBytes % (CHUNK_BYTES + TAG_BYTES) - TAG_BYTES;
    int plain = whole * CHUNK_BYTES + Math.max(0, rest);
    Invariant.check(plain > 0, "a block has room for a tag", blockBytes);
    return plain;
  }

  /** Seals {@code length} bytes, at most a chunk, that are at {@code position} of the run. */
  public void seal(byte[] plain, int offset, int length, long position, ByteBuffer out) {
    Invariant.check(length > 0 && length <= CHUNK_BYTES, "a chunk", length);
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, nonce(position));
      cipher.doFinal(ByteBuffer.wrap(plain, offset, length), out);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM refused to seal a chunk", e);
    }
  }

  /** Opens one chunk into {@code out}; answers its length. */
  int open(byte[] sealed, int length, long position, byte[] out) {
    try {
      cipher.init(Cipher.DECRYPT_MODE, key, nonce(position));
      return cipher.doFinal(sealed, 0, length, out);
    } catch (AEADBadTagException e) {
      throw new GarageException.Corrupt("an encrypted chunk does not open at " + position);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM refused to open a chunk", e);
    }
  }

  /** Seals bytes that are kept in one piece. */
  public ByteBuffer sealAll(byte[] plain) {
    ByteBuffer out = ByteBuffer.allocate(sealedBytes(plain.length));
    for (int at = 0; at < plain.length; at += CHUNK_BYTES) {
      seal(plain, at, Math.min(CHUNK_BYTES, plain.length - at), at, out);
    }
    return out.flip();
  }

  /** Opens what {@link #sealAll} made. */
  public ByteBuffer openAll(ByteBuffer sealed) {
    ByteBuffer in = sealed.duplicate();
    ByteBuffer out = ByteBuffer.allocate(in.remaining());
    byte[] chunk = new byte[CHUNK_BYTES + TAG_BYTES];
    byte[] plain = new byte[CHUNK_BYTES];
    long position = 0;
    while (in.hasRemaining()) {
      int length = Math.min(in.remaining(), chunk.length);
      in.get(chunk, 0, length);
      int opened = open(chunk, length, position, plain);
      out.put(plain, 0, opened);
      position += opened;
    }
    return out.flip();
  }

  private static GCMParameterSpec nonce(long position) {
    byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).putLong(POSITION_AT, position).array();
    return new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce);
  }
}
