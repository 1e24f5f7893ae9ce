package garage.admin;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.BucketResponse;
import garage.admin.api.BucketResponse.ObjectBlock;
import garage.admin.api.BucketResponse.ObjectVersionInfo;
import garage.common.env.Deadline;
import garage.common.id.Uuid;
import garage.model.object.Content;
import garage.model.object.DataBlock;
import garage.model.object.Header;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectTables;
import garage.model.object.ObjectVersion;
import garage.model.object.Part;
import garage.model.object.Upload;
import garage.model.object.Uploads;
import garage.model.object.VersionScan;
import java.util.ArrayList;
import java.util.List;

/** Gathers everything that is known of a key, up to what fits into an answer. */
final class ObjectInspection {
  /** Versions and uploads told of. */
  static final int VERSIONS_MAX = 1_000;

  /** Blocks told of, of all versions together: 2 MB of JSON. */
  static final int BLOCKS_MAX = 10_000;

  private final ObjectTables tables;
  private final ObjectKey key;
  private final Deadline deadline;
  private final List<ObjectVersionInfo> found = new ArrayList<>();
  private int blocks;
  private boolean truncated;

  ObjectInspection(ObjectTables tables, ObjectKey key, Deadline deadline) {
    this.tables = tables;
    this.key = key;
    this.deadline = deadline;
  }

  BucketResponse.ObjectInfo all() {
    addVersions();
    addUploads();
    if (found.isEmpty()) {
      throw new AdminFailure(new AdminError("NoSuchKey", 404, "Object not found: " + key.key()));
    }
    return new BucketResponse.ObjectInfo(key.bucket().toString(), key.key(), found, truncated);
  }

  private void addVersions() {
    try (VersionScan.Cursor cursor = tables.objects().versions(key.bucket(), key.key(), deadline)) {
      for (VersionScan.Listed version = cursor.next();
          version != null && version.key().equals(key.key()) && hasRoom();
          version = cursor.next()) {
        found.add(info(version));
      }
    }
  }

  private void addUploads() {
    try (Uploads.Cursor cursor = tables.uploads().list(key.bucket(), deadline)) {
      cursor.seek(key.key());
      for (Upload upload = cursor.next();
          upload != null && upload.object().equals(key) && hasRoom();
          upload = cursor.next()) {
        found.add(info(upload));
      }
    }
  }

  private boolean hasRoom() {
    truncated |= found.size() == VERSIONS_MAX;
    return found.size() < VERSIONS_MAX;
  }

  private ObjectVersionInfo info(Upload upload) {
    return new ObjectVersionInfo(
        upload.id().toString(),
        upload.created().instant(),
        upload.encryption() != null,
        true,
        false,
        false,
        false,
        null,
        null,
        headers(upload.headers()),
        null);
  }

  private ObjectVersionInfo info(VersionScan.Listed listed) {
    return switch (listed.version()) {
      case ObjectVersion.DeleteMarker _ ->
          new ObjectVersionInfo(
              listed.id().text(),
              listed.written().instant(),
              false,
              false,
              false,
              true,
              false,
              null,
              null,
              null,
              null);
      case ObjectVersion.Stored object ->
          new ObjectVersionInfo(
              listed.id().text(),
              listed.written().instant(),
              object.encryption() != null,
              false,
              false,
              false,
              object.content() instanceof Content.Inline,
              object.size(),
              object.etag(),
              headers(object.headers()),
              blocks(object.content()));
    };
  }

  private static List<List<String>> headers(List<Header> headers) {
    return headers.stream().map(header -> List.of(header.name(), header.value())).toList();
  }

  private List<ObjectBlock> blocks(Content content) {
    List<ObjectBlock> list = new ArrayList<>();
    switch (content) {
      case Content.Inline() -> {}
      case Content.Blocks(Uuid dataId) -> addBlocks(0, dataId, list);
      case Content.Parts parts -> {
        int room = BLOCKS_MAX - blocks;
        List<Part> some = tables.uploads().chosen(parts, 1, Math.max(1, room), deadline);
        some.forEach(part -> addBlocks(part.number(), part.dataId(), list));
        truncated |= some.size() < parts.count();
      }
    }
    return list;
  }

  private void addBlocks(int partNumber, Uuid dataId, List<ObjectBlock> list) {
    int room = BLOCKS_MAX - blocks;
    List<DataBlock> some = tables.data().blocks(dataId, 0, room + 1, deadline);
    truncated |= some.size() > room;
    some.stream()
        .limit(room)
        .forEach(block ->
            list.add(
                new ObjectBlock(
                    partNumber, block.offset(), block.hash().toString(), block.size())));
    blocks += Math.min(room, some.size());
  }
}
