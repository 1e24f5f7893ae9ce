package garage.block.disk;

import garage.common.error.GarageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Deals the sub-partitions out to the writable directories in proportion to their capacities, and
 * moves as few as that allows: a directory keeps what it has up to its share and gives up only the
 * excess, first to where the blocks have been before. Where a sub-partition's blocks have been
 * stays on record, so that they are found. Pure.
 */
final class DirectoryAssignment {
  private static final int NONE = -1;

  private final List<Wanted> wanted;
  private final int[] primaries = new int[DirectoryMap.SUB_PARTITIONS];
  private final List<List<Integer>> earlier = new ArrayList<>();
  private final int[] missing;

  private DirectoryAssignment(List<Wanted> wanted) {
    this.wanted = wanted;
    this.missing = new int[wanted.size()];
  }

  /**
   * A directory as it is to be.
   *
   * @param before its index in the places before, or -1 if it is new
   */
  record Wanted(long weight, boolean readOnly, int before) {}

  /**
   * The new places, by index into {@code wanted}.
   *
   * @param before the places so far, empty if there are none
   * @throws GarageException.InvalidInput if no directory is writable
   */
  static List<DirectoryMap.Place> assign(List<DirectoryMap.Place> before, List<Wanted> wanted) {
    if (wanted.stream().allMatch(Wanted::readOnly)) {
      throw new GarageException.InvalidInput("every data directory is read-only");
    }
    DirectoryAssignment assignment = new DirectoryAssignment(wanted);
    assignment.translate(before);
    assignment.countMissing();
    assignment.giveUpExcess();
    assignment.fill();
    return assignment.places();
  }

  /** Takes over the places before, in the new indices; what is gone or read-only has no primary. */
  private void translate(List<DirectoryMap.Place> before) {
    Arrays.fill(primaries, NONE);
    for (int p = 0; p < primaries.length; p++) {
      List<Integer> homes = new ArrayList<>();
      if (!before.isEmpty()) {
        DirectoryMap.Place place = before.get(p);
        addIfThere(homes, place.primary());
        primaries[p] = homes.isEmpty() || wanted.get(homes.get(0)).readOnly() ? NONE : homes.get(0);
        place.secondaries().forEach(s -> addIfThere(homes, s));
      }
      earlier.add(homes);
    }
  }

  private void addIfThere(List<Integer> homes, int before) {
    IntStream.range(0, wanted.size())
        .filter(d -> wanted.get(d).before() == before)
        .forEach(homes::add);
  }

  /** Sets {@code missing} to each directory's share less what it has; negative is excess. */
  private void countMissing() {
    for (int p : primaries) {
      if (p != NONE) {
        missing[p]--;
      }
    }
    double total = wanted.stream().filter(w -> !w.readOnly()).mapToDouble(Wanted::weight).sum();
    double[] rests = new double[missing.length];
    int dealt = 0;
    for (int d = 0; d < missing.length; d++) {
      if (!wanted.get(d).readOnly()) {
        double share = primaries.length * (wanted.get(d).weight() / total);
        int whole = (int) share;
        rests[d] = share - whole;
        missing[d] += whole;
        dealt += whole;
      }
    }
    // The largest remainders get what rounding left over; among equals who has most already.
    IntStream.range(0, missing.length)
        .filter(d -> !wanted.get(d).readOnly())
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(d -> -rests[d])
                .thenComparingInt(d -> missing[d])
                .thenComparingInt(d -> d))
        .limit(primaries.length - dealt)
        .forEach(d -> missing[d]++);
  }

  private void giveUpExcess() {
    for (boolean onlyHome : new boolean[] {true, false}) {
      for (int p = primaries.length - 1; p >= 0; p--) {
        int owner = primaries[p];
        if (owner != NONE && missing[owner] < 0 && (!onlyHome || homeMissing(p) != NONE)) {
          primaries[p] = onlyHome ? homeMissing(p) : NONE;
          missing[owner]++;
          if (onlyHome) {
            missing[primaries[p]]--;
          }
        }
      }
    }
  }

  /** A directory that is short of sub-partitions and where the blocks of {@code p} have been. */
  private int homeMissing(int p) {
    return earlier.get(p).stream().filter(d -> missing[d] > 0).findFirst().orElse(NONE);
  }

  private void fill() {
    for (int p = 0; p < primaries.length; p++) {
      if (primaries[p] == NONE) {
        int home = homeMissing(p);
        primaries[p] = home != NONE ? home : neediest();
        missing[primaries[p]]--;
      }
    }
  }

  private int neediest() {
    return IntStream.range(0, missing.length)
        .filter(d -> !wanted.get(d).readOnly())
        .boxed()
        .max(Comparator.<Integer>comparingInt(d -> missing[d]).thenComparingInt(d -> -d))
        .orElseThrow();
  }

  private List<DirectoryMap.Place> places() {
    List<DirectoryMap.Place> places = new ArrayList<>();
    for (int p = 0; p < primaries.length; p++) {
      int primary = primaries[p];
      List<Integer> homes = new ArrayList<>(earlier.get(p));
      for (int d = 0; d < wanted.size(); d++) {
        // A new read-only directory is there for what is in it, which may be anything.
        if (wanted.get(d).readOnly() && wanted.get(d).before() == NONE) {
          homes.add(d);
        }
      }
      homes.removeIf(d -> d == primary);
      places.add(new DirectoryMap.Place(primary, homes));
    }
    return places;
  }
}
