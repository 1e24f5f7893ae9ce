package garage.testkit.property;

import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.common.time.Timestamp;
import garage.testkit.env.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** The source of one try's inputs. Edge cases come up more often than chance would have them. */
public final class Generator {
  /** Sizes are kept in the low bits of a seed, so that a replay has the same one. */
  private static final int SIZE_BITS = 6;

  private static final int SIZE_MAX = (1 << SIZE_BITS) - 1;
  private static final double EDGES = 0.2;

  private static final long[] LONG_EDGES = {
    0,
    1,
    -1,
    127,
    128,
    255,
    256,
    16_383,
    16_384,
    65_535,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    Long.MAX_VALUE,
    Long.MAX_VALUE - 1,
    Long.MIN_VALUE
  };
  private static final List<Byte> BYTE_EDGES =
      List.of((byte) 0, (byte) 1, (byte) 0x7f, (byte) 0x80, (byte) 0xff);
  private static final String[] STRING_EDGES = {
    "",
    " ",
    "/",
    "//",
    ".",
    "..",
    "\0",
    "\n",
    "%",
    "+",
    "é",
    "e\u0301",
    "ß",
    "\u0130",
    "日本",
    "😀",
    "\uffff",
    "\ud83c\udff4",
    "a\u200bb"
  };

  private final long seed;
  private final SeededRandom random;

  public Generator(long seed) {
    this.seed = seed;
    this.random = new SeededRandom(seed);
  }

  static long seed(long bits, int attempt, int attempts) {
    long size = attempts <= 1 ? SIZE_MAX : (long) attempt * SIZE_MAX / (attempts - 1);
    return (bits & ~SIZE_MAX) | size;
  }

  /** The seed, for a simulation inside the property. */
  public long seed() {
    return seed;
  }

  /** How large inputs should be: 1 in the first try, 64 in the last. */
  public int size() {
    return (int) (seed & SIZE_MAX) + 1;
  }

  /** The randomness beneath. */
  public SeededRandom random() {
    return random;
  }

  /** True or false. */
  public boolean bool() {
    return random.nextInt(2) == 0;
  }

  /** True with {@code probability}. */
  public boolean chance(double probability) {
    return random.chance(probability);
  }

  /** In {@code [from, to]}, the ends more often. */
  public int between(int from, int to) {
    return (int) between((long) from, (long) to);
  }

  /** In {@code [from, to]}, the ends more often. */
  public long between(long from, long to) {
    if (random.chance(EDGES)) {
      return bool() ? from : to;
    }
    return random.between(from, to);
  }

  /** Any value. */
  public long anyLong() {
    if (random.chance(EDGES)) {
      return LONG_EDGES[random.nextInt(LONG_EDGES.length)];
    }
    return random.nextLong() >>> random.nextInt(64);
  }

  /** Any value that is not negative. */
  public long natural() {
    return anyLong() & Long.MAX_VALUE;
  }

  /** Up to {@link #size} bytes. */
  public byte[] bytes() {
    return bytes(between(0, size()));
  }

  /** Exactly {@code length} bytes. */
  public byte[] bytes(int length) {
    return random.bytes(length);
  }

  /** Text of whole code points, up to about {@link #size} characters. */
  public String string() {
    StringBuilder text = new StringBuilder();
    int parts = between(0, size());
    for (int i = 0; i < parts; i++) {
      if (random.chance(EDGES)) {
        text.append(STRING_EDGES[random.nextInt(STRING_EDGES.length)]);
      } else {
        text.append((char) random.between('!', '~'));
      }
    }
    return text.toString();
  }

  /** One of the given. */
  public <T> T oneOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** Up to {@link #size} items. */
  public <T> List<T> list(Function<Generator, T> item) {
    return list(between(0, size()), item);
  }

  /** Exactly {@code length} items. */
  public <T> List<T> list(int length, Function<Generator, T> item) {
    List<T> items = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      items.add(item.apply(this));
    }
    return items;
  }

  /** A copy in another order. */
  public <T> List<T> shuffled(List<T> items) {
    List<T> copy = new ArrayList<>(items);
    for (int i = copy.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      T item = copy.get(i);
      copy.set(i, copy.get(j));
      copy.set(j, item);
    }
    return copy;
  }

  /** Any 32 bytes. */
  public Bytes32 bytes32() {
    return new Bytes32(anyLong(), anyLong(), anyLong(), anyLong());
  }

  /** Any identity. */
  public NodeId nodeId() {
    return new NodeId(bytes32());
  }

  /** Any timestamp. */
  public Timestamp timestamp() {
    return new Timestamp(natural(), anyLong(), (int) anyLong());
  }

  /** One of very few timestamps, so that equal ones meet. */
  public Timestamp closeTimestamp() {
    return new Timestamp(between(0, 3), between(0, 1), between(0, 1));
  }

  /**
   * What an adversary or a bad disk makes of {@code bytes}: some flipped, overwritten, cut off,
   * repeated or appended. May be equal to them by chance.
   */
  public byte[] mutated(byte[] bytes) {
    byte[] result = bytes.clone();
    for (int i = between(1, 4); i > 0; i--) {
      result = mutatedOnce(result);
    }
    return result;
  }

  private byte[] mutatedOnce(byte[] bytes) {
    int at = random.nextInt(bytes.length + 1);
    if (random.chance(0.2)) {
      return Arrays.copyOf(bytes, at);
    }
    if (random.chance(0.2) || at == bytes.length) {
      byte[] longer = Arrays.copyOf(bytes, bytes.length + between(1, 9));
      longer[bytes.length] = (byte) random.nextLong();
      return longer;
    }
    byte[] changed = bytes.clone();
    changed[at] = bool() ? (byte) (changed[at] ^ (1 << random.nextInt(8))) : oneOf(BYTE_EDGES);
    return changed;
  }
}
