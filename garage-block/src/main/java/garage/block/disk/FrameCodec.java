package garage.block.disk;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import garage.common.error.GarageException;
import java.nio.ByteBuffer;

/** zstd contexts and the memory to work in, for one task at a time. */
final class FrameCodec implements AutoCloseable {
  /**
   * A frame is stored compressed only if that saves at least 1/16, or reading it costs for little.
   */
  private static final int SAVING_SHIFT = 4;

  /** Room for compressed frames before they are written together. */
  private static final int GATHERED_BYTES = 4 * BlockHead.FRAME_BYTES;

  private final ZstdCompressCtx compressor = new ZstdCompressCtx();
  private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
  private final Compressibility compressibility = new Compressibility();
  private final byte[] gathered = new byte[GATHERED_BYTES];
  private byte[] scratch = new byte[BlockHead.FRAME_BYTES];

  /**
   * Compresses {@code plain} into {@code target} at {@code offset}, which has room for as many
   * bytes; answers the length, or 0 if it is better left as it is.
   */
  int compress(ByteBuffer plain, byte[] target, int offset, int level) {
    int length = plain.remaining();
    if (!compressibility.worthTrying(plain)) {
      return 0;
    }
    byte[] source = scratch;
    int from = 0;
    if (plain.hasArray()) {
      source = plain.array();
      from = plain.arrayOffset() + plain.position();
    } else {
      plain.get(plain.position(), scratch, 0, length);
    }
    compressor.setLevel(level);
    int room = length - (length >> SAVING_SHIFT);
    try {
      return compressor.compressByteArray(target, offset, room, source, from, length);
    } catch (ZstdException e) {
      return 0; // it does not fit the room, so it does not save enough
    }
  }

  /** Memory to gather compressed frames in. */
  byte[] gathered() {
    return gathered;
  }

  /** Memory for the stored form of a frame. */
  ByteBuffer scratch(int length) {
    if (length > scratch.length) {
      scratch = new byte[length];
    }
    return ByteBuffer.wrap(scratch, 0, length);
  }

  /** Decompresses the first {@code length} bytes of the scratch memory so that they fill target. */
  void decompress(int length, ByteBuffer target) {
    int room = target.remaining();
    int got;
    try {
      got =
          target.hasArray()
              ? decompressor.decompressByteArray(
                  target.array(),
                  target.arrayOffset() + target.position(),
                  room,
                  scratch,
                  0,
                  length)
              : decompressor.decompressByteArrayToDirectByteBuffer(
                  target, target.position(), room, scratch, 0, length);
    } catch (ZstdException e) {
      throw new GarageException.Corrupt("a frame cannot be decompressed", e);
    }
    if (got != room) {
      throw new GarageException.Corrupt("a frame of " + got + " bytes instead of " + room);
    }
  }

  @Override
  public void close() {
    compressor.close();
    decompressor.close();
  }
}
