package garage.s3api.object;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.model.object.Content;
import garage.model.object.DataBlock;
import garage.model.object.ObjectTables;
import garage.model.object.Part;
import garage.s3api.call.Runner;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that hold bytes {@code [from, to)} of an object, in order. Block lists are looked up a
 * page at a time, and parts too, so an object of any size takes the same memory. For one task.
 */
final class BlockSpans {
  /** Rows of a block list, or parts, looked up at once. */
  private static final int PAGE = 1_000;

  private final ObjectTables tables;
  private final Runner runner;
  private final Runs runs;
  private final int blockBytes;
  private final long end;
  private final Deque<Span> ready = new ArrayDeque<>();
  private long position;
  private @Nullable Run run;

  /** Bytes {@code [from, to)} of a block. */
  record Span(DataBlock block, int from, int to) {
    int length() {
      return to - from;
    }

    boolean isWhole() {
      return from == 0 && to == block.size();
    }
  }

  /** Bytes of an object that have a block list of their own. */
  private record Run(Uuid dataId, long start, long size) {
    long end() {
      return start + size;
    }
  }

  /** Where the block lists come from, in order. */
  private interface Runs {
    @Nullable Run next();
  }

  /** {@code blockBytes} is the usual size of a block, to know how many rows will do. */
  BlockSpans(ObjectTables tables, Runner runner, int blockBytes, Content content, Range range) {
    this.tables = tables;
    this.runner = runner;
    this.blockBytes = blockBytes;
    this.position = range.from();
    this.end = range.to();
    this.runs =
        switch (content) {
          case Content.Inline() -> throw new IllegalArgumentException("no blocks");
          case Content.Blocks(Uuid dataId) -> new OneRun(new Run(dataId, 0, Long.MAX_VALUE));
          case Content.Parts parts -> new PartRuns(parts, range.from());
        };
  }

  /** Bytes {@code [from, to)} of an object. */
  record Range(long from, long to) {}

  /** Looks up the blocks of the next bytes, if there are any. */
  void prepare() {
    while (ready.isEmpty() && position < end) {
      load();
    }
  }

  /** The next bytes; null at the end. */
  @Nullable Span next() {
    prepare();
    return ready.poll();
  }

  private void load() {
    Run current = run;
    if (current == null || position >= current.end()) {
      current = runs.next();
      if (current == null) {
        throw new GarageException.Missing("the object has fewer bytes than it says");
      }
      run = current;
    }
    if (current.end() > position) {
      load(current, Math.min(end, current.end()) - current.start());
    }
  }

  /** Looks up a page of blocks of {@code current}, up to byte {@code to} of it. */
  private void load(Run current, long to) {
    long at = position - current.start();
    int limit = (int) Math.min(PAGE, (to - at) / blockBytes + 2);
    List<DataBlock> page = tables.data().blocks(current.dataId(), at, limit, runner.metadata());
    for (DataBlock block : page) {
      if (at >= to) {
        break;
      }
      if (block.offset() > at) {
        break;
      }
      Span span =
          new Span(
              block,
              (int) (at - block.offset()),
              (int) (Math.min(to, block.end()) - block.offset()));
      ready.add(span);
      at += span.length();
    }
    if (at == position - current.start()) {
      throw new GarageException.Missing("a block of the object is not listed");
    }
    position = current.start() + at;
  }

  private static final class OneRun implements Runs {
    private @Nullable Run run;

    OneRun(Run run) {
      this.run = run;
    }

    @Override
    public @Nullable Run next() {
      Run next = run;
      run = null;
      return next;
    }
  }

  /** The parts of an object from the one that holds a byte. */
  private final class PartRuns implements Runs {
    private final Content.Parts content;
    private final Deque<Part> parts = new ArrayDeque<>();
    private int nextNumber;
    private long start;

    PartRuns(Content.Parts content, long from) {
      this.content = content;
      for (Content.PartRun r : content.runs()) {
        long bytes = r.count() * r.size();
        if (from < start + bytes) {
          int skipped = (int) ((from - start) / r.size());
          nextNumber = r.first() + skipped;
          start += skipped * r.size();
          return;
        }
        start += bytes;
      }
      nextNumber = Part.NUMBER_MAX + 1;
    }

    @Override
    public @Nullable Run next() {
      if (parts.isEmpty() && nextNumber <= Part.NUMBER_MAX) {
        Deadline deadline = runner.metadata();
        parts.addAll(tables.uploads().chosen(content, nextNumber, PAGE, deadline));
      }
      Part part = parts.poll();
      if (part == null) {
        return null;
      }
      nextNumber = part.number() + 1;
      Run found = new Run(part.dataId(), start, part.size());
      start += part.size();
      return found;
    }
  }
}
