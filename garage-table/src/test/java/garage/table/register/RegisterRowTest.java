package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.time.Timestamp;
import garage.table.register.RegisterRow.Held;
import org.junit.jupiter.api.Test;

/**
 * The rules of a replica's row one by one, in the schedules that need them. Some of these random
 * schedules hardly meet: the rules around them hide what happens without.
 */
final class RegisterRowTest {
  private static final RegisterRow<String> MISSING = RegisterRow.missing(Timestamp.ZERO);

  private static Timestamp at(long ticks) {
    return new Timestamp(ticks, 1, 1);
  }

  private static RegisterRow<String> accepted(RegisterRow<String> row, long ballot, String text) {
    return row.accept(at(ballot), at(ballot), text).orElseThrow();
  }

  @Test
  void whoPreparedMayAccept() {
    RegisterRow<String> promised = MISSING.prepare(at(5)).orElseThrow();
    assertEquals("mine", accepted(promised, 5, "mine").version());
  }

  @Test
  void nothingIsAcceptedBelowAPromise() {
    RegisterRow<String> promised = MISSING.prepare(at(5)).orElseThrow();
    assertTrue(promised.accept(at(4), at(4), "late").isEmpty());
    assertTrue(promised.prepare(at(4)).isEmpty());
  }

  /** A duplicate would report what was accepted since, for a ballot below it. */
  @Test
  void aRepeatedPrepareIsRefusedOnceAHigherBallotWasAccepted() {
    RegisterRow<String> promised = MISSING.prepare(at(5)).orElseThrow();
    assertTrue(promised.prepare(at(5)).isPresent());
    RegisterRow<String> overtaken = accepted(promised, 7, "other");
    assertTrue(overtaken.prepare(at(5)).isEmpty());
    assertTrue(overtaken.prepare(at(6)).isEmpty());
    assertTrue(overtaken.prepare(at(7)).isEmpty());
    assertTrue(overtaken.prepare(at(8)).isPresent());
  }

  @Test
  void anOlderBallotIsRefusedAndTheSameIsARepeat() {
    RegisterRow<String> row = accepted(MISSING, 5, "newer");
    assertTrue(row.accept(at(4), at(4), "older").isEmpty());
    assertSame(row, row.accept(at(5), at(5), "newer").orElseThrow());
  }

  @Test
  void aVersionAcceptedAgainIsTheSameVersionAtAHigherBallot() {
    RegisterRow<String> row = accepted(MISSING, 5, "value");
    RegisterRow<String> raised = row.accept(at(9), at(5), "value").orElseThrow();
    assertEquals(at(5), raised.id());
    assertTrue(raised.past().isEmpty());
    assertEquals(new Held.Yes(at(9)), raised.held(at(5)));
  }

  /** What was dropped from the past must not look as if it had never been there. */
  @Test
  void aForgottenVersionIsUnknownAndOneNeverHeldIsNot() {
    RegisterRow<String> row = MISSING;
    for (long ballot = 10; ballot <= 50; ballot += 10) {
      row = accepted(row, ballot, "v" + ballot);
    }
    assertEquals(new Held.Yes(at(50)), row.held(at(50)));
    assertEquals(new Held.Yes(at(40)), row.held(at(40)));
    assertEquals(new Held.Yes(at(30)), row.held(at(30)));
    assertInstanceOf(Held.Unknown.class, row.held(at(20)));
    assertInstanceOf(Held.Unknown.class, row.held(at(5)));
    assertInstanceOf(Held.No.class, row.held(at(25)));
    assertInstanceOf(Held.No.class, row.held(at(60)));
  }

  /** A condition that was evaluated before a collection, and a write from before it. */
  @Test
  void aCollectedRowRefusesWhatItsFloorIsAbove() {
    RegisterRow<String> collected = RegisterRow.missing(at(30));
    assertTrue(collected.accept(at(29), at(29), "late").isEmpty());
    assertTrue(collected.prepare(at(29)).isEmpty());
    assertInstanceOf(Held.Unknown.class, collected.held(at(29)));
    assertEquals("new", accepted(collected, 31, "new").version());
  }
}
