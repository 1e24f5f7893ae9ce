package garage.testkit.env;

/** Something the driver does at a point in virtual time; equal times are ordered by the seed. */
record SimTimer(long at, long tie, long number, Runnable action) implements Comparable<SimTimer> {
  @Override
  public int compareTo(SimTimer other) {
    int order = Long.compare(at, other.at);
    if (order == 0) {
      order = Long.compare(tie, other.tie);
    }
    return order == 0 ? Long.compare(number, other.number) : order;
  }
}
