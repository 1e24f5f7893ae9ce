package garage.cli.format;

import garage.admin.api.NodeResponse.Backlink;
import garage.admin.api.NodeResponse.BlockError;
import garage.admin.api.NodeResponse.BlockErrors;
import garage.admin.api.NodeResponse.BlockInfo;
import garage.admin.api.NodeResponse.BlockVersion;
import garage.admin.api.NodeResponse.ObjectName;
import garage.admin.api.NodeResponse.Purged;
import garage.admin.api.NodeResponse.UploadName;
import garage.common.text.TextTable;

/** Blocks of a node. */
public final class BlockText {
  private static final int MINUTE = 60;
  private static final int HOUR = 60 * MINUTE;

  private BlockText() {}

  /** A line for each block that cannot be had. */
  public static String errors(BlockErrors errors) {
    TextTable table = new TextTable().row("Hash", "RC", "Errors", "Last error", "Next try");
    for (BlockError error : errors.errors()) {
      table.row(
          error.blockHash(),
          Long.toString(error.refcount()),
          Long.toString(error.errorCount()),
          Times.ago(error.lastTrySecsAgo()),
          in(error.nextTryInSecs()));
    }
    return table.toString();
  }

  /** A block, and the data that refers to it. */
  public static String info(BlockInfo block) {
    TextTable table = new TextTable().row("Status", "Version", "Bucket", "Key", "MPU");
    for (BlockVersion version : block.versions()) {
      reference(table, version);
    }
    return Cells.heading("BLOCK INFORMATION")
        + new TextTable()
            .row("Block hash:", block.blockHash())
            .row("Refcount:", Long.toString(block.refcount()))
        + "\n"
        + Cells.heading("REFERENCES TO THIS BLOCK")
        + table
        + warning(block);
  }

  private static void reference(TextTable table, BlockVersion version) {
    String status = version.refDeleted() ? "deleted" : "active";
    String id = Cells.id(version.versionId());
    switch (version.backlink()) {
      case null -> table.row(status, id, "-", "-", "-");
      case Backlink.OfObject(ObjectName object) ->
          table.row(status, id, Cells.id(object.bucketId()), object.key(), "-");
      case Backlink.OfUpload(UploadName upload) -> {
        String bucket = upload.bucketId() == null ? "-" : Cells.id(upload.bucketId());
        String key = upload.key() == null ? "-" : upload.key();
        table.row(status, id, bucket, key, Cells.id(upload.uploadId()));
      }
    }
  }

  /** What was given up to be rid of blocks. */
  public static String purged(Purged purged) {
    return "%d blocks purged: %d block refs, %d versions, %d objects, %d multipart uploads deleted\n"
        .formatted(
            purged.blocksPurged(),
            purged.blockRefsPurged(),
            purged.versionsDeleted(),
            purged.objectsDeleted(),
            purged.uploadsDeleted());
  }

  private static String warning(BlockInfo block) {
    boolean left =
        block.versions().stream()
            .anyMatch(version -> !version.refDeleted() && version.garbageCollected());
    return (left
            ? "\nA reference is of data that is no more: `garage repair block-refs` drops it.\n"
            : "")
        + miscounted(block);
  }

  private static String miscounted(BlockInfo block) {
    long active = block.versions().stream().filter(version -> !version.refDeleted()).count();
    return active == block.refcount()
        ? ""
        : "\nThe count differs from the active references: `garage repair block-rc` counts"
            + " anew.\n";
  }

  private static String in(long seconds) {
    if (seconds < 1) {
      return "asap";
    }
    if (seconds < MINUTE) {
      return "in " + seconds + " s";
    }
    return seconds < HOUR ? "in " + seconds / MINUTE + " min" : "in " + seconds / HOUR + " h";
  }
}
