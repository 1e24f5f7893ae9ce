package garage.block;

import garage.block.disk.BlockFiles;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.db.KeyRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What an operator sees of the blocks of this node, and may ask for. Every call returns soon. */
public final class BlockOperations {
  /** References of one block that are listed. */
  public static final int REFERENCES_MAX = 1000;

  private static final int PREFIX_DIGITS_MIN = 4;
  private static final int PAGE = 1000;

  private final BlockStore blocks;
  private final Rounds rounds;

  /** The workers that wait to be asked. */
  record Rounds(
      ReferenceSync sync,
      OrphanSweep sweep,
      BlockCheck check,
      SumCheck sums,
      OwnerCheck owners,
      Rebalance rebalance,
      Scrub scrub) {}

  BlockOperations(BlockStore blocks, Rounds rounds) {
    this.blocks = blocks;
    this.rounds = rounds;
  }

  /**
   * A block that is needed here and could not be had. Times are wall-clock milliseconds.
   *
   * @param references how many references need it
   */
  public record Failing(
      Hash hash,
      long references,
      int errors,
      long lastTryMillis,
      long nextTryMillis,
      String lastError) {}

  /** Up to {@code max} blocks that could not be had, in the order of their hashes. */
  public List<Failing> errors(int max) {
    List<Failing> failing = new ArrayList<>();
    List<WantedRows.Entry> page = blocks.wanted().list(null, PAGE);
    while (!page.isEmpty() && failing.size() < max) {
      for (WantedRows.Entry entry : page) {
        if (entry.block().errors() > 0 && failing.size() < max) {
          failing.add(failing(entry));
        }
      }
      page = blocks.wanted().list(page.getLast().hash(), PAGE);
    }
    return failing;
  }

  private Failing failing(WantedRows.Entry entry) {
    WantedBlock block = entry.block();
    return new Failing(
        entry.hash(),
        blocks.references(entry.hash()),
        block.errors(),
        block.lastTryMillis(),
        block.nextTryMillis(),
        block.lastError());
  }

  /** A reference of a block; {@code released} if it needs the block no more. */
  public record Reference(Uuid dataId, boolean released) {}

  /**
   * What this node knows of a block.
   *
   * @param count how many references need it, as counted
   * @param here whether it has a file
   * @param references its references, at most {@link #REFERENCES_MAX}
   */
  public record Known(Hash hash, long count, boolean here, List<Reference> references) {}

  /**
   * The block whose hash begins with {@code prefix}, of at least 4 hex digits.
   *
   * @throws GarageException.Missing if this node knows none
   * @throws GarageException.InvalidInput if it knows several, or that is no prefix
   */
  public Known info(String prefix) {
    Hash hash = find(prefix.toLowerCase(Locale.ROOT));
    return new Known(
        hash,
        blocks.references(hash),
        blocks.has(hash),
        blocks.rows().of(hash, REFERENCES_MAX).stream()
            .map(row ->
                new Reference(row.reference().dataId(), row.state() == ReferenceState.RELEASED))
            .toList());
  }

  /** The data whose references need the block; at most {@link #REFERENCES_MAX}. */
  public List<Uuid> needing(Hash hash) {
    return blocks.rows().of(hash, REFERENCES_MAX).stream()
        .filter(row -> row.state() == ReferenceState.PRESENT)
        .map(row -> row.reference().dataId())
        .toList();
  }

  private Hash find(String prefix) {
    if (!prefix.matches("[0-9a-f]{" + PREFIX_DIGITS_MIN + ",64}")) {
      throw new GarageException.InvalidInput(
          "'" + prefix + "' is not the beginning of a block's hash, of 4 to 64 hex digits");
    }
    int whole = prefix.length() / 2 * 2;
    byte[] bytes = HexFormat.of().parseHex(prefix.substring(0, whole));
    @Nullable Hash found = null;
    for (Hash hash : blocks.rows().counted(bytes, KeyRange.successor(bytes), PAGE)) {
      boolean matches = hash.toString().startsWith(prefix);
      if (matches && found != null) {
        throw new GarageException.InvalidInput("several blocks begin with '" + prefix + "'");
      }
      found = matches ? hash : found;
    }
    if (found == null) {
      throw new GarageException.Missing("no block begins with '" + prefix + "'");
    }
    return found;
  }

  /** Tries those of {@code hashes} now that could not be had; answers how many are. */
  public long retryNow(Collection<Hash> hashes) {
    return hashes.stream().filter(blocks::retryNow).count();
  }

  /** Tries everything now that could not be had; answers how much that is. */
  public long retryAll() {
    long retried = 0;
    List<WantedRows.Entry> page = blocks.wanted().list(null, PAGE);
    while (!page.isEmpty()) {
      for (WantedRows.Entry entry : page) {
        retried += entry.block().errors() > 0 && blocks.retryNow(entry.hash()) ? 1 : 0;
      }
      page = blocks.wanted().list(page.getLast().hash(), PAGE);
    }
    return retried;
  }

  /**
   * Numbers of this node's blocks.
   *
   * @param blocks roughly how many there are
   * @param wanted how many are to be fetched or looked at
   * @param failing how many of them could not be had, of the first thousand
   * @param quarantined how many files were put aside since the start
   */
  public record Statistics(long blocks, long wanted, long failing, long quarantined) {}

  public Statistics statistics() {
    return new Statistics(
        blocks.rows().countedApproximately(),
        blocks.wanted().count(),
        blocks.wanted().list(null, PAGE).stream().filter(e -> e.block().errors() > 0).count(),
        blocks.statistics().quarantined());
  }

  // --- repairs: each returns at once

  /** Compares references with other replicas, and looks whether every needed block has a file. */
  public void checkBlocks() {
    rounds.sync().restart();
    rounds.sweep().ask();
    rounds.check().ask(false);
  }

  /** Counts the references of every block anew. */
  public void recount() {
    rounds.check().ask(true);
    rounds.sums().ask();
  }

  /** Releases references of data that is no more. */
  public void checkReferences(BlockUpkeep.Owners owners) {
    rounds.owners().ask(owners);
  }

  /** Moves blocks to the data directory where new ones go. */
  public void rebalance() {
    rounds.rebalance().ask();
  }

  // --- the scrub

  /**
   * How far the look over all blocks is. Times are wall-clock milliseconds, 0 for never.
   *
   * @param running whether there is a round, paused or not
   * @param pausedUntil 0 if it is not paused
   * @param percent of the round
   * @param bad damaged, unreadable or missing blocks found in this or the last round
   * @param badEver the same since the node exists
   */
  public record ScrubStatus(
      boolean running,
      long pausedUntil,
      int percent,
      long checked,
      long bad,
      long badEver,
      long lastCompleted,
      long nextRun) {}

  public ScrubStatus scrub() {
    ScrubState state = rounds.scrub().state();
    return new ScrubStatus(
        state.phase() != ScrubState.Phase.IDLE,
        state.pausedUntil(),
        state.leaf() * 100 / BlockFiles.leaves(),
        state.checked(),
        state.bad(),
        state.badEver(),
        state.lastCompleted(),
        state.nextRun());
  }

  /** Begins a round of the scrub now. */
  public void startScrub() {
    rounds.scrub().start();
  }

  /** Stops the scrub for a day. */
  public void pauseScrub() {
    rounds.scrub().pause();
  }

  /** Goes on with the scrub. */
  public void resumeScrub() {
    rounds.scrub().resume();
  }

  /** Ends the round of the scrub. */
  public void cancelScrub() {
    rounds.scrub().cancel();
  }
}
