package garage.s3api.object;

import garage.block.BlockBuffer;
import garage.common.check.Invariant;
import garage.common.env.Promise;
import garage.common.hash.ChecksumAlgorithm;
import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.http.sigv4.Payload;
import garage.http.sigv4.SignatureException;
import garage.http.sigv4.SignatureFailure;
import garage.model.object.DataBlock;
import garage.model.object.ObjectData;
import garage.s3api.body.BodyDigests;
import garage.s3api.body.BodySums;
import garage.s3api.call.Runner;
import garage.s3api.encryption.DataCipher;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.request.CustomerKey;
import garage.s3api.request.UploadBody;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns a request's body into blocks. The request's task reads and computes what runs over the
 * whole body, the MD5 above all, which is the slowest and cannot be split; meanwhile each block's
 * own hash and its way to the disk run on another task. A block's memory is given away when it is
 * stored, so that waits until the first task is done with it. Small bodies are not worth a task.
 *
 * <p>Memory: at most the blocks a {@link DataRun} has under way and one being filled, all from the
 * node's budget for blocks. A client has to send something before it is given a block's worth, and
 * nothing of the budget is held while waiting for more of it.
 */
public final class BodyWriter {
  /** A second task costs more than it saves below this: about 0.1 ms of hashing. */
  private static final int PARALLEL_BYTES_MIN = 128 * 1024;

  /** What a client must send before it is given memory for all; thousands may stop there. */
  private static final int FIRST_BYTES = 512;

  private final ObjectData data;
  private final Runner runner;
  private final int blockBytes;

  public BodyWriter(ObjectData data, Runner runner, int blockBytes) {
    this.data = data;
    this.runner = runner;
    this.blockBytes = blockBytes;
  }

  /** The first bytes of a body of {@code length}, without which it is given no memory. */
  static byte[] readStart(Payload body, long length) {
    byte[] start = new byte[(int) Math.min(length, FIRST_BYTES)];
    read(body, start, 0, start.length);
    return start;
  }

  /** Reads the rest of a body that is kept with its metadata; the caller is to verify it. */
  static byte[] readSmall(Payload body, byte[] start, UploadBody expected) {
    byte[] bytes = Arrays.copyOf(start, (int) expected.length());
    read(body, bytes, start.length, bytes.length - start.length);
    requireEnd(body);
    return bytes;
  }

  /**
   * Stores a body in blocks of {@code run}, encrypted if it has a key, and verifies it.
   *
   * @param algorithm the checksum to compute if the client named none; null for none
   */
  public BodySums write(
      DataRun run, Payload body, UploadBody expected, @Nullable ChecksumAlgorithm algorithm) {
    ChecksumAlgorithm named = expected.claim().checksum().algorithm();
    BodyDigests digests = new BodyDigests(named == null ? algorithm : named);
    CustomerKey key = expected.key();
    if (key != null || expected.length() == UploadBody.UNKNOWN) {
      cut(run, body, expected, digests);
      requireEnd(body);
      run.awaitBlocks();
      BodySums sums = verified(body, expected, digests);
      return key == null ? sums : sums.sealed(run.id());
    }
    // The hash that is signed is that of the only block, so there is no need to compute it twice.
    Hash signed =
        expected.length() > 0 && expected.length() <= blockBytes ? body.takeHashDuty() : null;
    boolean parallel = expected.length() >= PARALLEL_BYTES_MIN;
    @Nullable Promise<Hash> hash = null;
    long offset = 0;
    while (offset < expected.length()) {
      int size = (int) Math.min(blockBytes, expected.length() - offset);
      BlockBuffer block = fill(body, size, offset == 0);
      hash =
          parallel ? storeBeside(run, offset, block, digests) : store(run, offset, block, digests);
      offset += size;
    }
    Invariant.check(offset == expected.length(), "every byte went into a block", offset);
    requireEnd(body);
    run.awaitBlocks();
    if (signed != null && hash != null) {
      compare(signed, hash.await(runner.blockWrite()));
    }
    return verified(body, expected, digests);
  }

  private static BodySums verified(Payload body, UploadBody expected, BodyDigests digests) {
    BodySums sums = digests.finish();
    sums.verify(expected.claim(), body.trailers());
    return sums;
  }

  private void cut(DataRun run, Payload body, UploadBody expected, BodyDigests digests) {
    boolean known = expected.length() != UploadBody.UNKNOWN;
    long lengthMax = known ? expected.length() : UploadBody.BYTES_MAX;
    try (BlockCutter cutter = cutter(run, expected.key(), lengthMax)) {
      if (known) {
        cut(body, lengthMax, digests, cutter);
      } else {
        cutToEnd(body, lengthMax, digests, cutter);
      }
    }
  }

  private static void cutToEnd(
      Payload body, long lengthMax, BodyDigests digests, BlockCutter cutter) {
    byte[] piece = new byte[DataCipher.CHUNK_BYTES];
    int n = body.readNBytes(piece, 0, piece.length);
    while (n > 0) {
      if (cutter.length() + n > lengthMax) {
        throw S3Error.of(S3ErrorCode.ENTITY_TOO_LARGE)
            .with("MaxSizeAllowed", Long.toString(lengthMax))
            .exception();
      }
      ByteBuffer bytes = ByteBuffer.wrap(piece, 0, n);
      digests.update(bytes);
      cutter.add(bytes);
      n = body.readNBytes(piece, 0, piece.length);
    }
    cutter.finish();
  }

  private static void cut(Payload body, long length, BodyDigests digests, BlockCutter cutter) {
    byte[] piece = new byte[DataCipher.CHUNK_BYTES];
    int wanted = (int) Math.min(FIRST_BYTES, length);
    while (wanted > 0) {
      read(body, piece, 0, wanted);
      ByteBuffer bytes = ByteBuffer.wrap(piece, 0, wanted);
      digests.update(bytes);
      cutter.add(bytes);
      wanted = (int) Math.min(piece.length, length - cutter.length());
    }
    cutter.finish();
  }

  /**
   * Stores what it is given in blocks of {@code run}, encrypted with {@code key} if there is one.
   */
  BlockCutter cutter(DataRun run, @Nullable CustomerKey key, long lengthMax) {
    return new BlockCutter(
        key == null ? null : DataCipher.of(key, run.id()),
        blockBytes,
        lengthMax,
        this::buffer,
        (offset, plainBytes, block) -> {
          if (lengthMax < PARALLEL_BYTES_MIN) {
            append(DataBlock.of(run.id(), offset, hash(block), plainBytes), block);
          } else {
            startAppend(run, offset, plainBytes, block);
          }
        });
  }

  private void startAppend(DataRun run, long offset, int plainBytes, BlockBuffer block) {
    boolean started = false;
    try {
      run.start(() -> append(DataBlock.of(run.id(), offset, hash(block), plainBytes), block));
      started = true;
    } finally {
      if (!started) {
        block.close();
      }
    }
  }

  private void append(DataBlock row, BlockBuffer block) {
    data.append(row, block, runner.blockWrite());
  }

  /** Memory for bytes that are not a request's body. */
  BlockBuffer buffer(int bytes) {
    return data.buffer(bytes, runner.blockWrite());
  }

  /** Stores bytes that are not a request's body, from a buffer that is ready to be read. */
  void store(DataRun run, long offset, BlockBuffer block) {
    append(run, offset, block, hash(block));
  }

  private Promise<Hash> store(DataRun run, long offset, BlockBuffer block, BodyDigests digests) {
    digests.update(block.bytes());
    Promise<Hash> hash = new Promise<>(runner.clock());
    Hash value = hash(block);
    append(run, offset, block, value);
    hash.complete(value);
    return hash;
  }

  private Promise<Hash> storeBeside(
      DataRun run, long offset, BlockBuffer block, BodyDigests digests) {
    Promise<Hash> hash = new Promise<>(runner.clock());
    Promise<Boolean> digested = new Promise<>(runner.clock());
    boolean started = false;
    try {
      run.start(() -> {
        Hash value = hash(block);
        digested.await(runner.blockWrite());
        append(run, offset, block, value);
        hash.complete(value);
      });
      started = true;
    } finally {
      if (!started) {
        block.close();
      }
    }
    digests.update(block.bytes());
    digested.complete(true);
    return hash;
  }

  private void append(DataRun run, long offset, BlockBuffer block, Hash hash) {
    int size = block.bytes().remaining();
    data.append(DataBlock.of(run.id(), offset, hash, size), block, runner.blockWrite());
  }

  private static Hash hash(BlockBuffer block) {
    MessageDigest sha256 = Digests.sha256();
    sha256.update(block.bytes().duplicate());
    return Hash.of(sha256.digest());
  }

  private static void compare(Hash signed, Hash actual) {
    if (!signed.equals(actual)) {
      throw new SignatureException(
          new SignatureFailure.PayloadMismatch(signed.toString(), actual.toString()));
    }
  }

  private BlockBuffer fill(Payload body, int size, boolean first) {
    byte[] start = readStart(body, first ? size : 0);
    BlockBuffer block = buffer(size);
    boolean filled = false;
    try {
      ByteBuffer bytes = block.bytes();
      bytes.put(start);
      read(body, bytes.array(), bytes.arrayOffset() + bytes.position(), size - start.length);
      bytes.position(0).limit(size);
      filled = true;
      return block;
    } finally {
      if (!filled) {
        block.close();
      }
    }
  }

  private static void read(Payload body, byte[] into, int offset, int length) {
    if (body.readNBytes(into, offset, length) < length) {
      throw S3ErrorCode.INCOMPLETE_BODY.exception();
    }
  }

  /** A body of no bytes is only true once its end was seen; and trailers come before that. */
  private static void requireEnd(Payload body) {
    if (body.read() >= 0) {
      throw S3ErrorCode.INCOMPLETE_BODY.exception();
    }
  }
}
