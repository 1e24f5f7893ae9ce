package garage.simulator.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What may be seen of a version without an id, and what may not. */
final class NullVersionsTest {
  private final NullVersions nulls = new NullVersions();

  private void expect(boolean right, int value, long began, long ended) {
    NullVersions asked = nulls;
    int before = asked.wrong().size();
    asked.seen(new NullVersions.Seen("c", "k", value, began, ended));
    assertEquals(right ? before : before + 1, asked.wrong().size());
  }

  @Test
  void oneThatWasAcknowledgedIsThereUntilAnotherTakesItsPlace() {
    nulls.written("k", 1, 10, 20);
    nulls.written("k", 2, 30, 40);
    expect(true, NullVersions.NOTHING, 5, 15);
    expect(true, 1, 15, 18);
    expect(false, NullVersions.NOTHING, 21, 25);
    expect(false, NullVersions.NO_OBJECT, 21, 25);
    expect(true, NullVersions.OBJECT, 21, 25);
    expect(true, 1, 35, 38);
    expect(true, 2, 35, 38);
    expect(true, 2, 50, 60);
    expect(false, 1, 50, 60);
    expect(false, 2, 21, 25);
    expect(false, 3, 50, 60);
  }

  @Test
  void whatMayHaveBeenWrittenMayBeSeenFromThenOn() {
    nulls.written("k", 1, 10, 20);
    nulls.perhaps("k", 2, 12);
    nulls.written("k", 3, 30, 40);
    expect(true, 2, 50, 60);
    expect(false, 1, 50, 60);
    expect(false, NullVersions.NOTHING, 50, 60);
  }

  @Test
  void aMarkerAndADeletionAreNoObject() {
    nulls.written("k", 1, 10, 20);
    nulls.written("k", NullVersions.MARKER, 30, 40);
    expect(true, NullVersions.MARKER, 50, 60);
    expect(true, NullVersions.NO_OBJECT, 50, 60);
    expect(false, NullVersions.NOTHING, 50, 60);
    expect(false, NullVersions.OBJECT, 50, 60);
    nulls.written("k", NullVersions.NOTHING, 70, 80);
    expect(true, NullVersions.NOTHING, 90, 95);
    expect(false, NullVersions.MARKER, 90, 95);
  }
}
