package garage.block.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.DiskFile;
import garage.common.env.DiskWriter;
import garage.common.error.GarageException;
import garage.common.id.Hash;
import garage.testkit.env.SimDisk;
import garage.testkit.env.Simulation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The form of block files: what is written is read, and nothing damaged is ever taken for good. */
final class BlockFileTest {
  private static final String PATH = "block";
  private static final int FRAME = BlockHead.FRAME_BYTES;
  private static final OptionalInt NONE = OptionalInt.empty();
  private static final OptionalInt LEVEL_1 = OptionalInt.of(1);

  private final SimDisk disk = SimDisk.standalone(1);
  private final FrameCodecs codecs = new FrameCodecs(new Simulation(1).clock());

  private void write(byte[] plain, OptionalInt level) {
    write(ByteBuffer.wrap(plain), TestBytes.hash(plain), level);
  }

  private void write(ByteBuffer plain, Hash hash, OptionalInt level) {
    BlockHead head = BlockFile.head(hash, plain.remaining());
    try (DiskWriter file = disk.writer(PATH, head.length(), true)) {
      BlockFile.write(file, head, plain, level, codecs);
    }
  }

  private byte[] read(Hash hash, int from, int to, boolean direct) {
    CollectingSink sink = new CollectingSink(direct);
    try (DiskFile file = disk.open(PATH)) {
      BlockHead head = BlockHead.read(file, hash);
      BlockFile.read(file, head, new BlockFile.Range(from, to), sink, codecs);
    }
    return sink.bytes();
  }

  @Test
  void everyKindAndLengthIsReadAsItWasWritten() {
    for (int length : List.of(1, 1000, FRAME - 1, FRAME, FRAME + 1, 4 * FRAME, 9 * FRAME + 77)) {
      for (TestBytes kind : TestBytes.values()) {
        for (OptionalInt level : List.of(NONE, LEVEL_1, OptionalInt.of(-5), OptionalInt.of(9))) {
          byte[] plain = kind.bytes(length, length);
          write(plain, level);
          boolean direct = length % 2 == 0;
          assertArrayEquals(
              plain,
              read(TestBytes.hash(plain), 0, length, direct),
              kind + " of " + length + " at level " + level);
        }
      }
    }
  }

  @Test
  void theSourceMayBeHeapDirectOrReadOnlyAndKeepsItsPosition() {
    byte[] plain = TestBytes.MIXED.bytes(3, 5 * FRAME + 5);
    byte[] padded = new byte[plain.length + 14];
    System.arraycopy(plain, 0, padded, 7, plain.length);
    ByteBuffer direct = ByteBuffer.allocateDirect(padded.length).put(padded).clear();
    for (ByteBuffer source :
        List.of(ByteBuffer.wrap(padded), ByteBuffer.wrap(padded).asReadOnlyBuffer(), direct)) {
      for (OptionalInt level : List.of(NONE, LEVEL_1)) {
        source.limit(7 + plain.length).position(7);
        write(source, TestBytes.hash(plain), level);
        assertEquals(7, source.position());
        assertArrayEquals(plain, read(TestBytes.hash(plain), 0, plain.length, false));
      }
    }
  }

  @Test
  void anyRangeIsExactlyThoseBytes() {
    SplittableRandom random = new SplittableRandom(11);
    for (int round = 0; round < 300; round++) {
      byte[] plain = TestBytes.MIXED.bytes(round, 1 + random.nextInt(10 * FRAME));
      int from = random.nextInt(plain.length);
      int to = from + 1 + random.nextInt(plain.length - from);
      write(plain, random.nextBoolean() ? LEVEL_1 : NONE);
      assertArrayEquals(
          Arrays.copyOfRange(plain, from, to),
          read(TestBytes.hash(plain), from, to, random.nextBoolean()),
          "round " + round + ": " + from + " to " + to + " of " + plain.length);
    }
  }

  @Test
  void aRangeTouchesTheHeadAndItsOwnFramesOnly() {
    byte[] plain = TestBytes.RANDOM.bytes(5, 16 * FRAME);
    write(plain, LEVEL_1);
    List<long[]> reads = new ArrayList<>();
    try (DiskFile file = disk.open(PATH)) {
      DiskFile watched = watch(file, reads);
      BlockHead head = BlockHead.read(watched, TestBytes.hash(plain));
      BlockFile.Range range = new BlockFile.Range(5 * FRAME + 1, 6 * FRAME + 10);
      BlockFile.read(watched, head, range, new CollectingSink(true), codecs);
      assertEquals(1024 + 2 * FRAME, reads.stream().mapToLong(r -> r[1]).sum());
      assertTrue(reads.stream().skip(1).allMatch(r -> r[0] >= head.position(5)), "a frame before");
      assertTrue(reads.stream().allMatch(r -> r[0] + r[1] <= head.position(7)), "a frame after");
    }
  }

  @Test
  void whatDoesNotCompressIsStoredPlainAndTheRestSmall() {
    byte[] random = TestBytes.RANDOM.bytes(1, 4 * FRAME);
    write(random, LEVEL_1);
    int headBytes = 52 + 4 * 8 + 4;
    assertEquals(headBytes + random.length, disk.readAll(PATH).length);
    write(TestBytes.TEXT.bytes(1, 4 * FRAME), LEVEL_1);
    assertTrue(disk.readAll(PATH).length < 2 * FRAME);
  }

  @Test
  void anyFlippedBitIsFound() {
    for (OptionalInt level : List.of(NONE, LEVEL_1)) {
      byte[] plain = TestBytes.TEXT.bytes(2, 700);
      write(plain, level);
      byte[] good = disk.readAll(PATH);
      for (int bit = 0; bit < 8 * good.length; bit++) {
        assertFound(plain, good, bit);
      }
    }
  }

  @Test
  void anyFlippedBitOfALargeBlockIsFound() {
    SplittableRandom random = new SplittableRandom(17);
    byte[] plain = TestBytes.MIXED.bytes(2, 5 * FRAME + 3);
    write(plain, LEVEL_1);
    byte[] good = disk.readAll(PATH);
    for (int round = 0; round < 500; round++) {
      assertFound(plain, good, random.nextInt(8 * good.length));
    }
  }

  private void assertFound(byte[] plain, byte[] good, int bit) {
    byte[] bad = good.clone();
    bad[bit / 8] ^= (byte) (1 << bit % 8);
    replace(bad);
    assertThrows(
        GarageException.Corrupt.class,
        () -> read(TestBytes.hash(plain), 0, plain.length, false),
        "bit " + bit);
  }

  @Test
  void bytesBeforeADamagedFrameAreGivenAndGood() {
    byte[] plain = TestBytes.RANDOM.bytes(2, 12 * FRAME);
    write(plain, NONE);
    byte[] bad = disk.readAll(PATH);
    bad[bad.length - 3 * FRAME] ^= 1; // in frame 9, of the third run
    replace(bad);
    CollectingSink sink = new CollectingSink(false);
    try (DiskFile file = disk.open(PATH)) {
      BlockHead head = BlockHead.read(file, TestBytes.hash(plain));
      BlockFile.Range all = new BlockFile.Range(0, plain.length);
      assertThrows(
          GarageException.Corrupt.class, () -> BlockFile.read(file, head, all, sink, codecs));
    }
    assertArrayEquals(Arrays.copyOf(plain, 8 * FRAME), sink.bytes());
  }

  @Test
  void aFileCutShortOrWithMoreAtItsEndIsFound() {
    byte[] plain = TestBytes.MIXED.bytes(8, 3 * FRAME);
    write(plain, LEVEL_1);
    byte[] good = disk.readAll(PATH);
    for (int length : List.of(0, 1, 51, 52, 70, good.length - 1, good.length + 1)) {
      replace(Arrays.copyOf(good, length));
      assertThrows(
          GarageException.Corrupt.class,
          () -> read(TestBytes.hash(plain), 0, 1, false),
          "length " + length);
    }
  }

  @Test
  void theFileOfAnotherBlockIsFound() {
    byte[] plain = TestBytes.TEXT.bytes(8, 100);
    write(plain, NONE);
    Hash other = TestBytes.hash(TestBytes.TEXT.bytes(9, 100));
    assertThrows(GarageException.Corrupt.class, () -> read(other, 0, 100, false));
  }

  @Test
  void aFileOfALaterVersionIsNotTakenForDamaged() {
    byte[] plain = TestBytes.TEXT.bytes(8, 100);
    write(plain, NONE);
    byte[] later = disk.readAll(PATH);
    later[4] = 2;
    ByteBuffer bytes = ByteBuffer.wrap(later);
    bytes.putInt(8, BlockHead.crc(bytes, 0, 8));
    replace(later);
    assertThrows(GarageException.Conflict.class, () -> read(TestBytes.hash(plain), 0, 100, false));
  }

  @Test
  void aRangeOutsideTheBlockIsRefused() {
    byte[] plain = TestBytes.TEXT.bytes(8, 100);
    write(plain, NONE);
    Hash hash = TestBytes.hash(plain);
    assertThrows(GarageException.InvalidInput.class, () -> read(hash, 0, 101, false));
    assertThrows(GarageException.InvalidInput.class, () -> read(hash, 5, 5, false));
    assertThrows(GarageException.InvalidInput.class, () -> read(hash, -1, 5, false));
  }

  private void replace(byte[] bytes) {
    try (DiskFile file = disk.create(PATH)) {
      file.write(0, ByteBuffer.wrap(bytes));
    }
  }

  private static DiskFile watch(DiskFile file, List<long[]> reads) {
    return new DiskFile() {
      @Override
      public long size() {
        return file.size();
      }

      @Override
      public void read(long position, ByteBuffer target) {
        reads.add(new long[] {position, target.remaining()});
        file.read(position, target);
      }

      @Override
      public void write(long position, ByteBuffer source) {
        file.write(position, source);
      }

      @Override
      public void sync() {
        file.sync();
      }

      @Override
      public void close() {
        file.close();
      }
    };
  }
}
