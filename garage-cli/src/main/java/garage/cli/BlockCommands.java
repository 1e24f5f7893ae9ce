package garage.cli;

import garage.admin.api.NodeRequest.BlockHash;
import garage.admin.api.NodeRequest.BlockHashes;
import garage.admin.api.NodeRequest.GetBlockInfo;
import garage.admin.api.NodeRequest.ListBlockErrors;
import garage.admin.api.NodeRequest.PurgeBlocks;
import garage.admin.api.NodeRequest.Retry;
import garage.admin.api.NodeRequest.RetryBlockResync;
import garage.cli.format.BlockText;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garage block …}: the blocks of nodes. */
final class BlockCommands {
  private BlockCommands() {}

  static CommandGroup group(Session session) {
    return new Group()
        .with("list-errors", () -> new ListErrors(session))
        .with("info", () -> new BlockInfo(session))
        .with("retry-now", () -> new RetryNow(session))
        .with("purge", () -> new Purge(session));
  }

  @Command(name = "block", description = "The blocks of nodes")
  private static final class Group extends CommandGroup {}

  @Command(description = "List the blocks that a node needs and cannot get")
  private static final class ListErrors extends NodeCommand {
    ListErrors(Session session) {
      super(session);
    }

    @Override
    public void run() {
      showEach(
          new ListBlockErrors(nodes.pattern()),
          (id, errors) -> heading(id) + BlockText.errors(errors));
    }
  }

  @Command(description = "Show a block and what refers to it")
  private static final class BlockInfo extends NodeCommand {
    @Parameters(paramLabel = "HASH", description = "4 hex digits of its beginning, or more")
    String hash = "";

    BlockInfo(Session session) {
      super(session);
    }

    @Override
    public void run() {
      showEach(
          new GetBlockInfo(nodes.pattern(), new BlockHash(hash)),
          (id, block) -> heading(id) + BlockText.info(block));
    }
  }

  @Command(description = "Try now to get blocks that could not be had")
  private static final class RetryNow extends NodeCommand {
    @Parameters(paramLabel = "HASH", arity = "0..*", description = "Whole hashes")
    List<String> hashes = new ArrayList<>();

    @Option(names = "--all", description = "Every one")
    boolean everything;

    RetryNow(Session session) {
      super(session);
    }

    @Override
    public void run() {
      if (everything == !hashes.isEmpty()) {
        throw new CommandFailed("give either --all or the hashes of blocks");
      }
      Retry which = everything ? new Retry.All(true) : new Retry.Some(hashes);
      showEach(
          new RetryBlockResync(nodes.pattern(), which),
          (id, retried) -> id(id) + "  " + retried.count() + " blocks are tried again\n");
    }
  }

  @Command(description = "Delete for ever whatever needs blocks that are lost")
  private static final class Purge extends NodeCommand {
    @Parameters(paramLabel = "HASH", arity = "1..*", description = "Whole hashes")
    List<String> hashes = new ArrayList<>();

    @Option(names = "--yes", description = "Yes, delete the objects and uploads that need them")
    boolean yes;

    Purge(Session session) {
      super(session);
    }

    @Override
    public void run() {
      if (!yes) {
        throw new CommandFailed(
            "every object and upload that needs these blocks is deleted for ever: add --yes to do"
                + " it; `garage block info HASH` shows them");
      }
      showEach(
          new PurgeBlocks(nodes.pattern(), new BlockHashes(hashes)),
          (id, purged) -> id(id) + "  " + BlockText.purged(purged));
    }
  }
}
