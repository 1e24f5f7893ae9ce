package garage.testkit.env;

import java.util.Comparator;

/** Something the driver does at a point in virtual time; equal times are ordered by the seed. */
record SimTimer(long at, long tie, long number, Runnable action) {
  static final Comparator<SimTimer> ORDER =
      Comparator.comparingLong(SimTimer::at)
          .thenComparingLong(SimTimer::tie)
          .thenComparingLong(SimTimer::number);
}
