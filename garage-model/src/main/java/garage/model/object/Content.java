package garage.model.object;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import java.util.List;

/** Where an object's bytes are. */
public sealed interface Content {
  Codec<Content> CODEC = Codec.of(Content::write, Content::read);

  /** Beside the row, in the register's body. */
  record Inline() implements Content {}

  /** In the blocks that the block list of {@code dataId} names. */
  record Blocks(Uuid dataId) implements Content {}

  /**
   * In the parts of a multipart upload that the completion {@code chosenBy} chose.
   *
   * @param runs the sizes of the parts, in order
   */
  record Parts(Uuid uploadId, Timestamp chosenBy, List<PartRun> runs) implements Content {
    public Parts {
      runs = List.copyOf(runs);
      Invariant.check(!runs.isEmpty(), "an object has parts");
    }

    /** How many parts there are. */
    public int count() {
      return runs.stream().mapToInt(PartRun::count).sum();
    }
  }

  /**
   * Successive part numbers of one size: most uploads are one run and a shorter last part.
   *
   * @param first the first part number
   * @param count how many parts, at least 1
   * @param size of each, in bytes
   */
  record PartRun(int first, int count, long size) {
    static final Codec<PartRun> CODEC =
        Codec.of(
            (out, r) -> out.varint(r.first).varint(r.count).varint(r.size),
            in -> new PartRun(in.varint32(), in.varint32(), in.varint()));

    public PartRun {
      Invariant.check(first > 0 && count > 0 && size >= 0, "a run of parts", first);
    }
  }

  private static void write(Writer out, Content content) {
    switch (content) {
      case Inline() -> out.u8(1);
      case Blocks(Uuid dataId) -> out.u8(2).value(dataId, Codec.UUID);
      case Parts(Uuid uploadId, Timestamp chosenBy, List<PartRun> runs) ->
          out.u8(3)
              .value(uploadId, Codec.UUID)
              .value(chosenBy, Timestamp.CODEC)
              .list(runs, PartRun.CODEC);
    }
  }

  private static Content read(Reader in) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Inline();
      case 2 -> new Blocks(in.value(Codec.UUID));
      case 3 -> new Parts(in.value(Codec.UUID), in.value(Timestamp.CODEC), in.list(PartRun.CODEC));
      default -> throw new GarageException.Corrupt("unknown kind of content " + kind);
    };
  }
}
