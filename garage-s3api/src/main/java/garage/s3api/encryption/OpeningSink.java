package garage.s3api.encryption;

import garage.block.disk.BlockSink;
import garage.common.check.Invariant;
import garage.model.object.DataBlock;
import java.nio.ByteBuffer;

/**
 * Opens bytes {@code [from, to)} of a sealed block for another sink. What is to be read of the
 * block is {@code [sealedFrom(), sealedTo())}, whole chunks.
 */
public final class OpeningSink implements BlockSink {
  private static final int SEALED_BYTES = DataCipher.sealedBytes(DataCipher.CHUNK_BYTES);

  private final DataCipher cipher;
  private final DataBlock block;
  private final int from;
  private final int to;
  private final BlockSink sink;
  private final byte[] sealed = new byte[SEALED_BYTES];
  private final byte[] plain = new byte[DataCipher.CHUNK_BYTES];
  private ByteBuffer scratch = ByteBuffer.allocate(0);
  private int gathered;
  private int chunkStart;
  private int left;

  public OpeningSink(DataCipher cipher, DataBlock block, int from, int to, BlockSink sink) {
    Invariant.check(from >= 0 && from < to && to <= block.size(), "a range of a block", from);
    this.cipher = cipher;
    this.block = block;
    this.from = from;
    this.to = to;
    this.sink = sink;
    this.chunkStart = from / DataCipher.CHUNK_BYTES * DataCipher.CHUNK_BYTES;
    this.left = sealedTo() - sealedFrom();
  }

  /** Where in the stored block the first chunk begins. */
  public int sealedFrom() {
    return from / DataCipher.CHUNK_BYTES * SEALED_BYTES;
  }

  /** Where in the stored block the last chunk ends. */
  public int sealedTo() {
    int end = Math.ceilDiv(to, DataCipher.CHUNK_BYTES) * DataCipher.CHUNK_BYTES;
    return DataCipher.sealedBytes(Math.min(end, block.size()));
  }

  @Override
  public ByteBuffer buffer(int bytes) {
    if (scratch.capacity() < bytes) {
      scratch = ByteBuffer.allocate(bytes);
    }
    return scratch.clear();
  }

  @Override
  public void accept(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      int n = Math.min(bytes.remaining(), Math.min(SEALED_BYTES, left) - gathered);
      bytes.get(sealed, gathered, n);
      gathered += n;
      if (gathered == Math.min(SEALED_BYTES, left)) {
        openChunk();
      }
    }
  }

  private void openChunk() {
    int length = cipher.open(sealed, gathered, block.offset() + chunkStart, plain);
    left -= gathered;
    gathered = 0;
    int first = Math.max(from - chunkStart, 0);
    int end = Math.min(to - chunkStart, length);
    ByteBuffer out = sink.buffer(end - first);
    int start = out.position();
    out.put(plain, first, end - first).limit(out.position()).position(start);
    chunkStart += length;
    sink.accept(out);
  }
}
