package garage.s3api.object;

import garage.block.BlockBuffer;
import garage.common.check.Invariant;
import garage.s3api.encryption.DataCipher;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Cuts plain bytes into blocks, and seals them if there is a cipher. How many bytes there will be
 * may be unknown; then each block takes the memory of a whole one. For one task; closing it gives
 * up the block being filled.
 */
final class BlockCutter implements AutoCloseable {
  private final @Nullable DataCipher cipher;
  private final int plainBytesMax;
  private final long lengthMax;
  private final IntFunction<BlockBuffer> memory;
  private final Blocks blocks;
  private final byte[] chunk;
  private int gathered;
  private @Nullable BlockBuffer block;
  private int size;
  private int filled;
  private long offset;

  /** Takes the blocks, which are ready to be read. */
  interface Blocks {
    /** The block holds {@code plainBytes} of the run from {@code offset}, and is the taker's. */
    void store(long offset, int plainBytes, BlockBuffer block);
  }

  /**
   * A cutter of at most {@code lengthMax} bytes.
   *
   * @param memory lends what a block takes
   */
  BlockCutter(
      @Nullable DataCipher cipher,
      int blockBytes,
      long lengthMax,
      IntFunction<BlockBuffer> memory,
      Blocks blocks) {
    this.cipher = cipher;
    this.plainBytesMax = cipher == null ? blockBytes : DataCipher.plainBytesMax(blockBytes);
    this.lengthMax = lengthMax;
    this.memory = memory;
    this.blocks = blocks;
    this.chunk = new byte[cipher == null ? 0 : DataCipher.CHUNK_BYTES];
  }

  /** The bytes added so far. */
  long length() {
    return offset + filled + gathered;
  }

  /** Adds the buffer's remaining bytes. */
  void add(ByteBuffer plain) {
    Invariant.check(length() + plain.remaining() <= lengthMax, "no more than announced");
    while (plain.hasRemaining()) {
      BlockBuffer open = block();
      if (cipher == null) {
        int n = Math.min(plain.remaining(), size - filled);
        open.bytes().put(plain.slice(plain.position(), n));
        plain.position(plain.position() + n);
        filled += n;
      } else {
        int n = Math.min(plain.remaining(), Math.min(chunk.length, size - filled) - gathered);
        plain.get(chunk, gathered, n);
        gathered += n;
        if (gathered == Math.min(chunk.length, size - filled)) {
          seal(cipher, open);
        }
      }
      if (filled == size) {
        emit(open);
      }
    }
  }

  /** Stores what is left. */
  void finish() {
    BlockBuffer open = block;
    if (open == null) {
      return;
    }
    if (cipher != null && gathered > 0) {
      seal(cipher, open);
    }
    emit(open);
  }

  private BlockBuffer block() {
    BlockBuffer open = block;
    if (open == null) {
      size = (int) Math.min(plainBytesMax, lengthMax - offset);
      open = memory.apply(cipher == null ? size : DataCipher.sealedBytes(size));
      block = open;
    }
    return open;
  }

  private void seal(DataCipher by, BlockBuffer open) {
    by.seal(chunk, 0, gathered, offset + filled, open.bytes());
    filled += gathered;
    gathered = 0;
  }

  private void emit(BlockBuffer open) {
    open.bytes().flip();
    long at = offset;
    int plainBytes = filled;
    block = null;
    offset += filled;
    filled = 0;
    blocks.store(at, plainBytes, open);
  }

  @Override
  public void close() {
    BlockBuffer open = block;
    if (open != null) {
      open.close();
    }
  }
}
