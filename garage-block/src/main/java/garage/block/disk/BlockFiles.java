package garage.block.disk;

import garage.common.env.Clock;
import garage.common.env.Disk;
import garage.common.env.DiskFile;
import garage.common.env.DiskWriter;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.Hash;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The block files of a node. A block is written under a temporary name in its own directory,
 * synced, renamed, and the directory synced: so a file that has a block's name is whole, and stays
 * (unless syncing is off: then after a power cut the checksums tell). The temporary is in the same
 * directory and not in one for all, because file systems place a file's bytes near the directory it
 * is made in.
 *
 * <p>Reading needs no lock: a file is never changed in place. Of {@link #write}, {@link #delete}
 * and {@link #quarantine} the caller lets only one run at a time for a block.
 */
public final class BlockFiles implements AutoCloseable {
  private final DataDirectories directories;
  private final List<Home> homes = new ArrayList<>();
  private final boolean sync;
  private final OptionalInt level;
  private final FrameCodecs codecs;
  private final LongAdder blockSyncs = new LongAdder();
  private final LongAdder directorySyncs = new LongAdder();
  private final LongAdder quarantined = new LongAdder();

  /**
   * Files in {@code directories}.
   *
   * @param sync whether a write is on stable storage before it returns
   * @param level the zstd level, or none
   */
  public BlockFiles(
      DataDirectories directories,
      boolean sync,
      OptionalInt level,
      SpaceReserve reserve,
      Clock clock) {
    this.directories = directories;
    this.sync = sync;
    this.level = level;
    this.codecs = new FrameCodecs(clock);
    for (DataDirectory directory : directories.all()) {
      if (!directory.readOnly()) {
        // A process that was killed may have made them without their names being durable.
        directory.disk().createDirectories(BlockPath.leaves());
        directory.disk().syncDirectory("");
      }
      homes.add(
          new Home(
              directory.disk(),
              new LeafNames(directory.disk()),
              new SpaceGuard(directory.name(), directory.disk(), reserve, clock)));
    }
  }

  /**
   * Writes a block, over one that may be there.
   *
   * @throws GarageException.StorageFull if the disk has only its reserve left
   */
  public void write(Hash hash, ByteBuffer plain) {
    Home home = homes.get(directories.primary(hash));
    home.guard.spend(plain.remaining());
    boolean renamed = false;
    try {
      fill(home.disk, hash, plain);
      home.names.rename(hash, BlockPath.temporary(hash), BlockPath.block(hash));
      renamed = true;
    } finally {
      if (!renamed) {
        dropTemporary(home.names, hash);
      }
    }
    if (sync) {
      home.names.sync(BlockPath.leafOf(hash));
      directorySyncs.increment();
    }
  }

  private void fill(Disk disk, Hash hash, ByteBuffer plain) {
    BlockHead head = BlockFile.head(hash, plain.remaining());
    try (DiskWriter file = create(disk, hash, head.length())) {
      BlockFile.write(file, head, plain, level, codecs);
    }
    if (sync) {
      blockSyncs.increment();
    }
  }

  private DiskWriter create(Disk disk, Hash hash, int headBytes) {
    try {
      return disk.writer(BlockPath.temporary(hash), headBytes, sync);
    } catch (GarageException.Missing e) {
      disk.createDirectories(BlockPath.leaf(BlockPath.leafOf(hash))); // somebody removed it
      return disk.writer(BlockPath.temporary(hash), headBytes, sync);
    }
  }

  private static void dropTemporary(LeafNames names, Hash hash) {
    try {
      names.delete(hash, BlockPath.temporary(hash));
    } catch (GarageException e) {
      // The failure of the write is under way to the caller; the sweep removes the file.
    }
  }

  /**
   * Gives the plain bytes {@code [from, to)} of a block to {@code sink}, verified.
   *
   * @throws GarageException.Missing if there is no such block
   * @throws GarageException.Corrupt if it is damaged; the bytes given before are good
   */
  public void read(Hash hash, int from, int to, BlockSink sink) {
    BlockFile.Range range = new BlockFile.Range(from, to);
    this.<Boolean>withFile(
        hash,
        file -> {
          BlockFile.read(file, BlockHead.read(file, hash), range, sink, codecs);
          return true;
        });
  }

  /**
   * The length of a block's plain bytes.
   *
   * @throws GarageException.Missing if there is no such block
   */
  public int length(Hash hash) {
    return withFile(hash, file -> BlockHead.read(file, hash).plainLength());
  }

  /** Whether there is a file for the block, damaged or not. */
  public boolean exists(Hash hash) {
    for (int i : directories.candidates(hash)) {
      if (homes.get(i).disk.exists(BlockPath.block(hash))) {
        return true;
      }
    }
    return false;
  }

  /** Whether the block is there and every checksum in its file is right. */
  public boolean intact(Hash hash) {
    return verified(hash, new ScratchSink());
  }

  /** Whether the block is there and its plain bytes have this hash: what scrubbing asks. */
  public boolean matches(Hash hash) {
    DigestSink digest = new DigestSink();
    return verified(hash, digest) && digest.hash().equals(hash);
  }

  private boolean verified(Hash hash, BlockSink sink) {
    try {
      return withFile(hash, file -> readAll(file, hash, sink));
    } catch (GarageException.Missing | GarageException.Corrupt e) {
      return false;
    }
  }

  private boolean readAll(DiskFile file, Hash hash, BlockSink sink) {
    BlockHead head = BlockHead.read(file, hash);
    BlockFile.read(file, head, new BlockFile.Range(0, head.plainLength()), sink, codecs);
    return true;
  }

  /**
   * Removes every file of the block, put aside ones and remains of writes included; also where it
   * is not looked for any more, and a loss of power brought back what was moved away. A loss of
   * power may undo it until {@link #settleNames()}.
   */
  public void delete(Hash hash) {
    List<Integer> candidates = directories.candidates(hash);
    for (int i = 0; i < homes.size(); i++) {
      Home home = homes.get(i);
      if (candidates.contains(i) || home.disk.exists(BlockPath.block(hash))) {
        home.names.delete(hash, BlockPath.block(hash));
        home.names.delete(hash, BlockPath.corrupted(hash));
        home.names.delete(hash, BlockPath.temporary(hash));
      }
    }
  }

  /**
   * Looks at each copy of the block here, and puts aside those that are damaged or cannot be read,
   * as {@code .corrupted}, where they stay as evidence as long as the block is needed; answers how
   * many. A whole copy in another data directory is found from then on.
   */
  public int quarantine(Hash hash) {
    int found = 0;
    for (int i : directories.candidates(hash)) {
      Home home = homes.get(i);
      if (damaged(home.disk, BlockPath.block(hash), hash)) {
        home.names.rename(hash, BlockPath.block(hash), BlockPath.corrupted(hash));
        home.names.sync(BlockPath.leafOf(hash));
        quarantined.increment();
        found++;
      }
    }
    return found;
  }

  /**
   * Takes back a file that was put aside and is whole after all, as after a disk whose reads failed
   * for a while; answers whether there was one.
   */
  public boolean reinstate(Hash hash) {
    for (int i : directories.candidates(hash)) {
      Home home = homes.get(i);
      String aside = BlockPath.corrupted(hash);
      if (home.disk.exists(aside) && !damaged(home.disk, aside, hash)) {
        home.names.rename(hash, aside, BlockPath.block(hash));
        home.names.sync(BlockPath.leafOf(hash));
        return true;
      }
    }
    return false;
  }

  private boolean damaged(Disk disk, String path, Hash hash) {
    try (DiskFile file = disk.open(path)) {
      DigestSink digest = new DigestSink();
      readAll(file, hash, digest);
      return !digest.hash().equals(hash);
    } catch (GarageException.Corrupt | GarageException.StorageFailed e) {
      return true;
    } catch (GarageException.Missing e) {
      return false;
    }
  }

  /**
   * Makes the block's file durable, which may be of a process that was killed before it had done
   * so; answers whether there is one.
   */
  public boolean settle(Hash hash) {
    for (int i : directories.candidates(hash)) {
      Home home = homes.get(i);
      if (home.disk.exists(BlockPath.block(hash))) {
        if (sync) {
          try (DiskFile file = home.disk.open(BlockPath.block(hash))) {
            file.sync();
          }
          home.names.sync(BlockPath.leafOf(hash));
        }
        return true;
      }
    }
    return false;
  }

  /**
   * Makes the names durable that were changed since the start, so that no loss of power brings back
   * what is gone; with or without syncing of writes. Changes meanwhile may be left out.
   */
  public void settleNames() {
    homes.forEach(home -> home.names.syncChanged());
  }

  /**
   * Makes the names in one of the directories of blocks durable as they are now, over all data
   * directories: also those that another process changed, which was killed.
   */
  public void settleNames(int leaf) {
    homes.forEach(home -> home.names.syncIfThere(leaf));
  }

  /** The number of directories that {@link #list} takes. */
  public static int leaves() {
    return BlockPath.LEAVES;
  }

  /** The directory of a block, as {@link #list} takes it. */
  public static int leafOf(Hash hash) {
    return BlockPath.leafOf(hash);
  }

  /** What is in one of the directories of blocks, over all data directories. */
  public List<FoundFile> list(int leaf) {
    List<FoundFile> found = new ArrayList<>();
    for (Home home : homes) {
      for (String name : home.disk.list(BlockPath.leaf(leaf))) {
        found.add(BlockPath.classify(leaf, name));
      }
    }
    return found;
  }

  /** The blocks of one of the directories of blocks that are not where new ones go. */
  public List<Hash> misplaced(int leaf) {
    List<Hash> found = new ArrayList<>();
    for (int i = 0; i < homes.size(); i++) {
      for (String name : homes.get(i).disk.list(BlockPath.leaf(leaf))) {
        if (BlockPath.classify(leaf, name) instanceof FoundFile.Block(Hash hash)
            && directories.primary(hash) != i) {
          found.add(hash);
        }
      }
    }
    return found;
  }

  /**
   * Brings a block to where new ones go, and removes its other copies; answers whether that is
   * done. It is not if no copy is whole, or one cannot be removed.
   */
  public boolean gather(Hash hash) {
    int primary = directories.primary(hash);
    Disk there = homes.get(primary).disk;
    if (!there.exists(BlockPath.block(hash)) && !copyToPrimary(hash)) {
      return false;
    }
    boolean done = true;
    for (int i = 0; i < homes.size(); i++) {
      if (i != primary && homes.get(i).disk.exists(BlockPath.block(hash))) {
        done &= remove(homes.get(i).names, hash);
      }
    }
    return done;
  }

  private boolean copyToPrimary(Hash hash) {
    if (!matches(hash)) {
      return false;
    }
    ByteBuffer plain = ByteBuffer.allocate(length(hash));
    read(hash, 0, plain.capacity(), new GatheringSink(plain));
    write(hash, plain.flip());
    return true;
  }

  private static boolean remove(LeafNames names, Hash hash) {
    try {
      names.delete(hash, BlockPath.block(hash));
      return true;
    } catch (GarageException.StorageFailed e) {
      return false; // a disk mounted for reading only: the copy does no harm
    }
  }

  /** Every block is where new ones go: they are not looked for elsewhere from now on. */
  public void forgetEarlierPlaces() {
    directories.forgetEarlierPlaces();
  }

  /** Removes what a write left behind. */
  public void deleteTemporary(Hash hash) {
    homes.forEach(home -> home.names.delete(hash, BlockPath.temporary(hash)));
  }

  /** Removes what was put aside. */
  public void deleteQuarantined(Hash hash) {
    homes.forEach(home -> home.names.delete(hash, BlockPath.corrupted(hash)));
  }

  /** What was done since the start. */
  public Statistics statistics() {
    return new Statistics(blockSyncs.sum(), directorySyncs.sum(), quarantined.sum());
  }

  @Override
  public void close() {
    codecs.close();
  }

  /** Uses the block's file in the first directory that has it. */
  private <T> T withFile(Hash hash, Function<DiskFile, T> use) {
    GarageException.@Nullable StorageFailed failure = null;
    for (int i : directories.candidates(hash)) {
      DiskFile file;
      try {
        file = homes.get(i).disk.open(BlockPath.block(hash));
      } catch (GarageException.Missing e) {
        continue;
      } catch (GarageException.StorageFailed e) {
        failure = e; // a dead disk; perhaps another one has it
        continue;
      }
      try (file) {
        return use.apply(file);
      }
    }
    throw failure != null ? failure : new GarageException.Missing("block " + hash + " is not here");
  }

  /** Counts since the start. */
  public record Statistics(long blockSyncs, long directorySyncs, long quarantined) {}

  /**
   * A data directory: files are made and read by its disk, and their names changed by the other.
   */
  private record Home(Disk disk, LeafNames names, SpaceGuard guard) {}

  /** Reads for the sake of the checksums. */
  private static class ScratchSink implements BlockSink {
    private ByteBuffer scratch = ByteBuffer.allocate(0);

    @Override
    public ByteBuffer buffer(int bytes) {
      if (scratch.capacity() < bytes) {
        scratch = ByteBuffer.allocate(bytes);
      }
      return scratch.clear();
    }

    @Override
    public void accept(ByteBuffer bytes) {}
  }

  /** Gathers what is read. */
  private static final class GatheringSink extends ScratchSink {
    private final ByteBuffer target;

    GatheringSink(ByteBuffer target) {
      this.target = target;
    }

    @Override
    public void accept(ByteBuffer bytes) {
      target.put(bytes);
    }
  }

  /** Computes the SHA-256 of what is read. */
  private static final class DigestSink extends ScratchSink {
    private final MessageDigest digest = Digests.sha256();

    @Override
    public void accept(ByteBuffer bytes) {
      digest.update(bytes);
    }

    Hash hash() {
      return Hash.of(digest.digest());
    }
  }
}
