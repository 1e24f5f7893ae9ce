package garage.admin;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.NodeRequest.Retry;
import garage.admin.api.NodeResponse;
import garage.block.BlockOperations;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.model.object.DataOwners;
import garage.model.object.ObjectKey;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Requests about the blocks of this node. */
public final class BlockRequests {
  /** Errors listed at once: more is a disk that is gone, not a list to read. */
  private static final int ERRORS_MAX = 10_000;

  /** Blocks that one request names: more would not end in time. */
  private static final int PURGED_MAX = 1_000;

  private final Supplier<BlockOperations> blocks;
  private final Supplier<DataOwners> owners;
  private final Clock clock;

  /** {@code owners} tells what needs the data that refers to blocks. */
  public BlockRequests(Supplier<BlockOperations> blocks, Supplier<DataOwners> owners, Clock clock) {
    this.blocks = blocks;
    this.owners = owners;
    this.clock = clock;
  }

  NodeResponse.BlockErrors errors() {
    long now = clock.wallMillis();
    return new NodeResponse.BlockErrors(
        blocks.get().errors(ERRORS_MAX).stream()
            .map(block ->
                new NodeResponse.BlockError(
                    block.hash().toString(),
                    block.references(),
                    block.errors(),
                    seconds(now - block.lastTryMillis()),
                    seconds(block.nextTryMillis() - now)))
            .toList());
  }

  NodeResponse.BlockInfo info(String prefix, Deadline deadline) {
    try {
      BlockOperations.Known known = blocks.get().info(prefix);
      return new NodeResponse.BlockInfo(
          known.hash().toString(),
          known.count(),
          known.references().stream().map(reference -> version(reference, deadline)).toList());
    } catch (GarageException.Missing e) {
      throw new AdminFailure(new AdminError("NoSuchBlock", 404, String.valueOf(e.getMessage())));
    }
  }

  private NodeResponse.BlockVersion version(
      BlockOperations.Reference reference, Deadline deadline) {
    DataOwners.Run run = owners.get().run(reference.dataId(), deadline);
    return new NodeResponse.BlockVersion(
        reference.dataId().toString(),
        reference.released(),
        run.released(),
        run.forgotten(),
        backlink(run));
  }

  private static NodeResponse.@Nullable Backlink backlink(DataOwners.Run run) {
    return switch (run.user()) {
      case null -> null;
      case DataOwners.User.OfObject(ObjectKey object) ->
          new NodeResponse.Backlink.OfObject(
              new NodeResponse.ObjectName(object.bucket().toString(), object.key()));
      case DataOwners.User.OfUpload(ObjectKey object, Uuid uploadId, boolean over) ->
          new NodeResponse.Backlink.OfUpload(
              new NodeResponse.UploadName(
                  uploadId.toString(),
                  over,
                  run.forgotten(),
                  object.bucket().toString(),
                  object.key()));
    };
  }

  /**
   * Deletes for ever what needs these blocks. What a request is writing at this moment stays, and
   * so does its reference.
   */
  NodeResponse.Purged purge(List<String> hashes, Deadline deadline) {
    if (hashes.size() > PURGED_MAX) {
      throw new AdminFailure(
          AdminError.invalidRequest("give at most " + PURGED_MAX + " blocks at once"));
    }
    List<Hash> all = hashes.stream().map(BlockRequests::hash).toList(); // all of them, or nothing
    NodeResponse.Purged sum = new NodeResponse.Purged(0, 0, 0, 0, 0);
    for (Hash hash : all) {
      sum = plus(sum, purge(hash, deadline));
    }
    return sum;
  }

  private NodeResponse.Purged purge(Hash hash, Deadline deadline) {
    long references = 0;
    long objects = 0;
    long uploads = 0;
    long versions = 0;
    List<Uuid> needing = blocks.get().needing(hash);
    for (Uuid dataId : needing) {
      DataOwners.Purged purged = owners.get().purge(hash, dataId, deadline);
      references += purged.reference() ? 1 : 0;
      versions += purged.objects() + purged.uploads() > 0 ? 1 : 0;
      objects += purged.objects();
      uploads += purged.uploads();
    }
    long block = !needing.isEmpty() && references == needing.size() ? 1 : 0;
    return new NodeResponse.Purged(block, references, versions, objects, uploads);
  }

  private static NodeResponse.Purged plus(NodeResponse.Purged one, NodeResponse.Purged other) {
    return new NodeResponse.Purged(
        one.blocksPurged() + other.blocksPurged(),
        one.blockRefsPurged() + other.blockRefsPurged(),
        one.versionsDeleted() + other.versionsDeleted(),
        one.objectsDeleted() + other.objectsDeleted(),
        one.uploadsDeleted() + other.uploadsDeleted());
  }

  NodeResponse.Retried retry(Retry which) {
    return new NodeResponse.Retried(
        switch (which) {
          case Retry.All(boolean all) -> all ? blocks.get().retryAll() : 0;
          case Retry.Some(List<String> hashes) ->
              blocks.get().retryNow(hashes.stream().map(BlockRequests::hash).toList());
        });
  }

  private static Hash hash(String hex) {
    try {
      return Hash.parse(hex);
    } catch (IllegalArgumentException e) {
      throw new AdminFailure(
          AdminError.invalidRequest("'" + hex + "' is not a block's hash: it has 64 hex digits"));
    }
  }

  private static long seconds(long millis) {
    return Duration.ofMillis(Math.max(0, millis)).toSeconds();
  }
}
