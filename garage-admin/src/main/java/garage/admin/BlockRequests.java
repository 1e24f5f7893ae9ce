package garage.admin;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.NodeRequest.Retry;
import garage.admin.api.NodeResponse;
import garage.block.BlockOperations;
import garage.common.env.Clock;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Requests about the blocks of this node. */
public final class BlockRequests {
  /** Errors listed at once: more is a disk that is gone, not a list to read. */
  private static final int ERRORS_MAX = 10_000;

  private final Supplier<BlockOperations> blocks;
  private final Clock clock;

  public BlockRequests(Supplier<BlockOperations> blocks, Clock clock) {
    this.blocks = blocks;
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

  NodeResponse.BlockInfo info(String prefix) {
    try {
      BlockOperations.Known known = blocks.get().info(prefix);
      return new NodeResponse.BlockInfo(
          known.hash().toString(),
          known.count(),
          known.references().stream()
              .map(reference ->
                  new NodeResponse.BlockVersion(
                      reference.dataId().toString(), reference.released()))
              .toList());
    } catch (GarageException.Missing e) {
      throw new AdminFailure(new AdminError("NoSuchBlock", 404, String.valueOf(e.getMessage())));
    }
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
