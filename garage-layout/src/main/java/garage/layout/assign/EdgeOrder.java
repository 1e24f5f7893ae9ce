package garage.layout.assign;

/**
 * A pseudo-random order, the same in every computation: choices that are equally good fall
 * differently for each partition, so that nodes share partitions with many others. SplitMix64.
 *
 * @see <a href="https://doi.org/10.1145/2714064.2660195">Steele et al., Fast splittable
 *     pseudorandom number generators (2014)</a>
 */
final class EdgeOrder {
  private long state;

  /** The numbers 0 to {@code count - 1} in the next order. */
  int[] shuffled(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = below(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private int below(int bound) {
    state += 0x9e3779b97f4a7c15L;
    long z = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return (int) Long.remainderUnsigned(z ^ (z >>> 31), bound);
  }
}
