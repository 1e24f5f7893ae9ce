package garage.cli.format;

import garage.admin.api.NodeResponse.BlockError;
import garage.admin.api.NodeResponse.BlockErrors;
import garage.admin.api.NodeResponse.BlockInfo;
import garage.admin.api.NodeResponse.BlockVersion;
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
    TextTable table = new TextTable().row("Status", "Version");
    for (BlockVersion version : block.versions()) {
      table.row(version.refDeleted() ? "deleted" : "active", Cells.id(version.versionId()));
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

  private static String warning(BlockInfo block) {
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
