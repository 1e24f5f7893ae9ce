package garage.s3api.object;

import garage.block.BlockBuffer;
import garage.block.BlockMemory;
import garage.block.disk.BlockSink;
import garage.common.error.GarageException;
import garage.common.hash.Checksum;
import garage.http.BodySink;
import garage.model.object.Content;
import garage.model.object.DataBlock;
import garage.model.object.ObjectTables;
import garage.model.object.Part;
import garage.s3api.call.Runner;
import garage.s3api.encryption.DataCipher;
import garage.s3api.encryption.OpeningSink;
import garage.s3api.request.CustomerKey;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads the bytes of objects that are in blocks, each verified before it is handed on. */
public final class ContentReader {
  /** What is read and verified together, and so held while a client takes it. */
  private static final int RUN_BYTES = 128 << 10;

  /** For all downloads together: 128 of them; more wait until others were taken or cut off. */
  private static final long DOWNLOAD_BYTES_MAX = 16L << 20;

  private final ObjectTables tables;
  private final Runner runner;
  private final int blockBytes;
  private final BlockMemory downloads;
  private final @Nullable CustomerKey key;

  public ContentReader(ObjectTables tables, Runner runner, int blockBytes) {
    this(
        tables,
        runner,
        blockBytes,
        new BlockMemory(runner.clock(), RUN_BYTES, DOWNLOAD_BYTES_MAX),
        null);
  }

  private ContentReader(
      ObjectTables tables,
      Runner runner,
      int blockBytes,
      BlockMemory downloads,
      @Nullable CustomerKey key) {
    this.tables = tables;
    this.runner = runner;
    this.blockBytes = blockBytes;
    this.downloads = downloads;
    this.key = key;
  }

  /** This reader, of objects that are encrypted with {@code other}; null for those that are not. */
  ContentReader with(@Nullable CustomerKey other) {
    return new ContentReader(tables, runner, blockBytes, downloads, other);
  }

  /**
   * The blocks of bytes {@code [from, to)}, the first of them looked up now: while it can still be
   * told that there is no quorum to ask for them.
   */
  BlockSpans begin(Content content, long from, long to) {
    BlockSpans spans = spans(content, from, to);
    spans.prepare();
    return spans;
  }

  /**
   * Sends the bytes of {@code spans} to a client.
   *
   * @throws GarageException.Overloaded if too many other clients are slow to take theirs
   */
  void send(BlockSpans spans, BodySink client) {
    try (BlockBuffer memory = downloads.take(RUN_BYTES, runner.blockRead())) {
      read(spans, new ToClient(client, memory.bytes()));
    }
  }

  /** The checksum of a part of an object; null if it has none. */
  @Nullable Checksum checksum(Content.Parts content, int number) {
    return tables.uploads().chosen(content, number, 1, runner.metadata()).stream()
        .filter(part -> part.number() == number)
        .findFirst()
        .map(Part::checksum)
        .orElse(null);
  }

  /** The blocks of bytes {@code [from, to)}. */
  BlockSpans spans(Content content, long from, long to) {
    return new BlockSpans(tables, runner, blockBytes, content, new BlockSpans.Range(from, to));
  }

  /** Gives bytes {@code [from, to)} to {@code sink}, in order. */
  void read(Content content, long from, long to, BlockSink sink) {
    read(spans(content, from, to), sink);
  }

  private void read(BlockSpans spans, BlockSink sink) {
    BlockSpans.Span span = spans.next();
    while (span != null) {
      read(span, sink);
      span = spans.next();
    }
  }

  /** Gives the bytes of {@code span} to {@code sink}, in order. */
  void read(BlockSpans.Span span, BlockSink sink) {
    DataBlock block = span.block();
    if (key == null) {
      tables.data().read(block, span.from(), span.to(), sink, runner.blockRead());
      return;
    }
    DataCipher cipher = DataCipher.of(key, block.dataId());
    OpeningSink opening = new OpeningSink(cipher, block, span.from(), span.to(), sink);
    tables
        .data()
        .read(block, opening.sealedFrom(), opening.sealedTo(), opening, runner.blockRead());
  }

  /** Bytes {@code [from, to)} in memory. */
  byte[] bytes(Content content, long from, long to) {
    ByteBuffer bytes = ByteBuffer.allocate((int) (to - from));
    read(content, from, to, new IntoMemory(bytes));
    if (bytes.hasRemaining()) {
      throw new GarageException.Missing("the object has fewer bytes than it says");
    }
    return bytes.array();
  }

  /** Gathers bytes; they are read into their place if what is read is no more than they are. */
  private static final class IntoMemory implements BlockSink {
    private final ByteBuffer target;
    private boolean inPlace;

    IntoMemory(ByteBuffer target) {
      this.target = target;
    }

    @Override
    public ByteBuffer buffer(int bytes) {
      inPlace = bytes <= target.remaining();
      return inPlace ? target.slice() : ByteBuffer.allocate(bytes);
    }

    @Override
    public void accept(ByteBuffer bytes) {
      if (inPlace && bytes.position() == 0) {
        target.position(target.position() + bytes.remaining());
      } else {
        target.put(bytes);
      }
    }
  }

  /** Sends bytes on to a client; they are copied there, so one buffer is used over and over. */
  private static final class ToClient implements BlockSink {
    private final BodySink client;
    private ByteBuffer buffer;

    ToClient(BodySink client, ByteBuffer buffer) {
      this.client = client;
      this.buffer = buffer;
    }

    @Override
    public ByteBuffer buffer(int bytes) {
      if (buffer.capacity() < bytes) {
        buffer = ByteBuffer.allocate(bytes); // of a block with larger frames
      }
      return buffer.clear();
    }

    @Override
    public void accept(ByteBuffer bytes) {
      client.write(bytes);
    }
  }
}
