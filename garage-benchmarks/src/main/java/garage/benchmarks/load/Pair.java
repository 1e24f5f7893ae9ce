package garage.benchmarks.load;

/**
 * Two things a client may do whose cost is to be alike.
 *
 * @param other what is compared with {@code base}
 */
record Pair(String name, Work base, Work other) {}
