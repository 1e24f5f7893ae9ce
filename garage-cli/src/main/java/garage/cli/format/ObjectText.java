package garage.cli.format;

import garage.admin.api.BucketResponse.ObjectBlock;
import garage.admin.api.BucketResponse.ObjectInfo;
import garage.admin.api.BucketResponse.ObjectVersionInfo;
import garage.common.text.TextTable;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;

/** What is known of an object. */
public final class ObjectText {
  private ObjectText() {}

  /** Its versions and the uploads in progress, one after another. */
  public static String object(ObjectInfo object, ZoneId zone) {
    String text =
        object.versions().stream()
            .map(version -> version(object, version, zone))
            .collect(Collectors.joining("\n"));
    return object.truncated() ? text + "\nThere is more than is shown here.\n" : text;
  }

  private static String version(ObjectInfo object, ObjectVersionInfo version, ZoneId zone) {
    TextTable table =
        new TextTable()
            .row("Bucket ID:", object.bucketId())
            .row("Key:", object.key())
            .row("Version ID:", version.uuid())
            .row("Timestamp:", Times.full(version.timestamp(), zone));
    List<ObjectBlock> blocks = version.blocks() == null ? List.of() : version.blocks();
    if (version.size() != null) {
      table
          .row("Size:", Cells.bothSizes(version.size()))
          .row("Size (exact):", version.size().toString())
          .row("Number of blocks:", Integer.toString(blocks.size()));
    }
    if (version.etag() != null) {
      table.row("Etag:", version.etag());
    }
    table
        .row("Encrypted:", Boolean.toString(version.encrypted()))
        .row("Uploading:", Boolean.toString(version.uploading()))
        .row("Aborted:", Boolean.toString(version.aborted()))
        .row("Delete marker:", Boolean.toString(version.deleteMarker()))
        .row("Inline data:", Boolean.toString(version.inline()));
    if (version.headers() != null) {
      version.headers().forEach(header -> table.row(header.getFirst() + ":", header.getLast()));
    }
    return Cells.heading("OBJECT VERSION") + table + blocks(blocks);
  }

  private static String blocks(List<ObjectBlock> blocks) {
    if (blocks.isEmpty()) {
      return "";
    }
    TextTable table = new TextTable().row("Part#", "Offset", "Block hash", "Size");
    for (ObjectBlock block : blocks) {
      table.row(
          Long.toString(block.partNumber()),
          Long.toString(block.offset()),
          block.hash(),
          Long.toString(block.size()));
    }
    return "\n" + table;
  }
}
