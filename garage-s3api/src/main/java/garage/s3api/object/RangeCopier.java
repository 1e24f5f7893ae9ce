package garage.s3api.object;

import garage.block.BlockBuffer;
import garage.block.disk.BlockSink;
import garage.common.check.Invariant;
import garage.common.hash.ChecksumAlgorithm;
import garage.model.object.Content;
import garage.model.object.DataBlock;
import garage.model.object.ObjectData;
import garage.model.object.Objects;
import garage.s3api.body.BodyDigests;
import garage.s3api.body.BodySums;
import garage.s3api.call.Runner;
import garage.s3api.request.CustomerKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies bytes from an object into a {@link DataRun}. Whole blocks are referenced and not stored
 * again; what a range cuts off a block becomes a block of its own. Where sums are asked for, the
 * bytes are read for them all the same. Between objects that are encrypted, or are to be, nothing
 * is shared: each has a key of its own.
 */
public final class RangeCopier {
  /** Blocks referenced in one step. */
  private static final int BATCH = 256;

  private final ObjectData data;
  private final ContentReader reader;
  private final BodyWriter writer;
  private final Runner runner;
  private final int blockBytes;
  private final @Nullable CustomerKey from;
  private final @Nullable CustomerKey to;

  public RangeCopier(ObjectData data, ContentReader reader, Runner runner, int blockBytes) {
    this(data, reader, runner, blockBytes, null, null);
  }

  private RangeCopier(
      ObjectData data,
      ContentReader reader,
      Runner runner,
      int blockBytes,
      @Nullable CustomerKey from,
      @Nullable CustomerKey to) {
    this.data = data;
    this.reader = reader.with(from);
    this.writer = new BodyWriter(data, runner, blockBytes);
    this.runner = runner;
    this.blockBytes = blockBytes;
    this.from = from;
    this.to = to;
  }

  /** This copier, from objects encrypted with one key to those with another; null: without. */
  public RangeCopier between(@Nullable CustomerKey source, @Nullable CustomerKey target) {
    return new RangeCopier(data, reader, runner, blockBytes, source, target);
  }

  /** References all blocks of an object, without reading them. */
  void reference(DataRun run, Content content, long size) {
    BlockSpans spans = reader.spans(content, 0, size);
    Appending to = new Appending(run);
    for (BlockSpans.Span span = spans.next(); span != null; span = spans.next()) {
      to.reference(span.block());
    }
    to.flush();
    Invariant.check(to.offset == size, "the copy is as long as its source", to.offset);
  }

  /** The sums over all bytes of an object. */
  BodySums sums(Content content, long size, @Nullable ChecksumAlgorithm algorithm) {
    BodyDigests digests = new BodyDigests(algorithm);
    reader.read(content, 0, size, new Digesting(digests));
    return digests.finish();
  }

  /** Copies bytes {@code [from, to)} and answers the sums over them. */
  public BodySums copy(
      DataRun run, Objects.Found source, long from, long to, @Nullable ChecksumAlgorithm sum) {
    BodyDigests digests = new BodyDigests(sum);
    if (this.from != null || this.to != null) {
      recode(run, source, from, to, digests);
      return this.to == null ? digests.finish() : digests.finish().sealed(run.id());
    }
    Appending target = new Appending(run);
    Content content = source.object().content();
    if (content instanceof Content.Inline) {
      ByteBuffer inline = GetHandler.inline(source, null);
      copyInline(target, inline.slice((int) from + inline.position(), (int) (to - from)), digests);
    } else {
      copyBlocks(target, reader.spans(content, from, to), digests);
    }
    target.flush();
    Invariant.check(target.offset == to - from, "the copy is as long as its range", target.offset);
    return digests.finish();
  }

  private void recode(
      DataRun run, Objects.Found source, long start, long end, BodyDigests digests) {
    try (BlockCutter cutter = writer.cutter(run, to, end - start)) {
      if (source.object().content() instanceof Content.Inline) {
        ByteBuffer all = GetHandler.inline(source, from);
        ByteBuffer bytes = all.slice(all.position() + (int) start, (int) (end - start));
        digests.update(bytes);
        cutter.add(bytes);
      } else {
        reader.read(
            source.object().content(),
            start,
            end,
            bytes -> {
              digests.update(bytes);
              cutter.add(bytes);
            });
      }
      cutter.finish();
    }
    run.awaitBlocks();
  }

  private void copyInline(Appending target, ByteBuffer bytes, BodyDigests digests) {
    digests.update(bytes);
    while (bytes.hasRemaining()) {
      int size = Math.min(blockBytes, bytes.remaining());
      BlockBuffer block = writer.buffer(size);
      block.bytes().put(bytes.slice(bytes.position(), size)).flip();
      bytes.position(bytes.position() + size);
      target.store(block);
    }
  }

  private void copyBlocks(Appending target, BlockSpans spans, BodyDigests digests) {
    for (BlockSpans.Span span = spans.next(); span != null; span = spans.next()) {
      if (span.isWhole()) {
        reader.read(span, new Digesting(digests));
        target.reference(span.block());
      } else {
        target.store(cut(span, digests));
      }
    }
  }

  private BlockBuffer cut(BlockSpans.Span span, BodyDigests digests) {
    BlockBuffer block = writer.buffer(span.length());
    boolean filled = false;
    try {
      reader.read(
          span,
          bytes -> {
            digests.update(bytes);
            block.bytes().put(bytes);
          });
      block.bytes().flip();
      filled = true;
      return block;
    } finally {
      if (!filled) {
        block.close();
      }
    }
  }

  /** Adds up what passes, in one buffer used over and over. */
  private static final class Digesting implements BlockSink {
    private final BodyDigests digests;
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    Digesting(BodyDigests digests) {
      this.digests = digests;
    }

    @Override
    public ByteBuffer buffer(int bytes) {
      if (buffer.capacity() < bytes) {
        buffer = ByteBuffer.allocate(bytes);
      }
      return buffer.clear();
    }

    @Override
    public void accept(ByteBuffer bytes) {
      digests.update(bytes);
    }
  }

  /** The end of a run, where blocks are added. */
  private final class Appending {
    private final DataRun run;
    private final List<DataBlock> references = new ArrayList<>();
    private long offset;

    Appending(DataRun run) {
      this.run = run;
    }

    void reference(DataBlock block) {
      references.add(DataBlock.of(run.id(), offset, block.hash(), block.size()));
      offset += block.size();
      if (references.size() == BATCH) {
        flush();
      }
    }

    void store(BlockBuffer block) {
      int size = block.bytes().remaining();
      writer.store(run, offset, block);
      offset += size;
    }

    void flush() {
      if (!references.isEmpty()) {
        data.appendExisting(run.id(), references, runner.blockWrite());
        references.clear();
      }
    }
  }
}
