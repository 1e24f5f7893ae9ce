package garage.model.object;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.db.Batch;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Data that nothing refers to any more and that is to be given back: a durable queue on each node,
 * filled in the batch that drops the reference, so that a crash loses neither. Entries may be
 * queued and worked off more than once; giving back is idempotent.
 */
final class ReleaseQueue {
  /** The tree of the queue. */
  static final String TREE = "release_queue";

  /** What is to be given back. */
  sealed interface Entry {
    VersionedCodec<Entry> CODEC = VersionedCodec.first(Codec.of(Entry::write, Entry::read));

    /** The blocks of a block list. */
    record Data(Uuid dataId) implements Entry {}

    /** Parts of an upload: all, or all but those of the completion {@code except}. */
    record Parts(Uuid uploadId, @Nullable Timestamp except) implements Entry {}

    private static void write(Writer out, Entry entry) {
      switch (entry) {
        case Data(Uuid dataId) -> out.u8(1).value(dataId, Codec.UUID);
        case Parts(Uuid uploadId, Timestamp except) ->
            out.u8(2).value(uploadId, Codec.UUID).optional(except, Timestamp.CODEC);
      }
    }

    private static Entry read(Reader in) {
      int kind = in.u8();
      return switch (kind) {
        case 1 -> new Data(in.value(Codec.UUID));
        case 2 -> new Parts(in.value(Codec.UUID), in.optional(Timestamp.CODEC));
        default -> throw new GarageException.Corrupt("unknown kind of release " + kind);
      };
    }
  }

  private final Store store;
  private final Tree tree;

  ReleaseQueue(Store store) {
    this.store = store;
    this.tree = store.tree(TREE);
  }

  /** Adds {@code entry} to what {@code batch} does. */
  void add(Batch batch, Entry entry) {
    batch.put(tree, Entry.CODEC.encode(entry), new byte[0]);
  }

  /** Adds whatever {@code content} keeps outside its row. */
  void add(Batch batch, Content content) {
    switch (content) {
      case Content.Inline() -> {}
      case Content.Blocks(Uuid dataId) -> add(batch, new Entry.Data(dataId));
      case Content.Parts(Uuid uploadId, Timestamp _, List<Content.PartRun> _) ->
          add(batch, new Entry.Parts(uploadId, null));
    }
  }

  /** Takes {@code entry} off the queue, in {@code batch}. */
  void done(Batch batch, Entry entry) {
    batch.delete(tree, Entry.CODEC.encode(entry));
  }

  /** The first entries, up to {@code max}. */
  List<Entry> first(int max) {
    List<Entry> entries = new ArrayList<>();
    try (Scan scan = store.scan(tree, KeyRange.all())) {
      Scan.Row row = scan.next();
      while (row != null && entries.size() < max) {
        entries.add(Entry.CODEC.decode(row.key()));
        row = scan.next();
      }
    }
    return entries;
  }

  /** Roughly how many entries wait. */
  long size() {
    return store.approximateCount(tree);
  }
}
