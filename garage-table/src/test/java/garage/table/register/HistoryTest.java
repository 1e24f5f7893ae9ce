package garage.table.register;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.table.register.History.Operation;
import org.junit.jupiter.api.Test;

/** The checker itself, on histories whose verdict is known. */
final class HistoryTest {
  private final History history = new History();

  @Test
  void acceptsReadsOfConcurrentWritesInEitherOrder() {
    history.add(new Operation.Write("a"), 0, 10);
    history.add(new Operation.Write("b"), 0, 10);
    history.add(new Operation.Read("a"), 11, 12);
    assertTrue(history.isLinearizable());
  }

  @Test
  void refusesAnOverwrittenValueComingBack() {
    history.add(new Operation.Write("a"), 0, 1);
    history.add(new Operation.Write("b"), 2, 3);
    history.add(new Operation.Read("b"), 4, 5);
    history.add(new Operation.Read("a"), 6, 7);
    assertFalse(history.isLinearizable());
  }

  @Test
  void refusesAnAcknowledgedWriteLost() {
    history.add(new Operation.Write("a"), 0, 1);
    history.add(new Operation.Read(null), 2, 3);
    assertFalse(history.isLinearizable());
  }

  @Test
  void refusesOneWriteTakingEffectTwice() {
    history.addUnknown(new Operation.Write("a"), 0);
    history.add(new Operation.Read("a"), 2, 3);
    history.add(new Operation.Write("b"), 4, 5);
    history.add(new Operation.Read("b"), 6, 7);
    history.add(new Operation.Read("a"), 8, 9);
    assertFalse(history.isLinearizable());
  }

  @Test
  void acceptsAWriteOfUnknownOutcomeLateOrNever() {
    history.addUnknown(new Operation.Write("a"), 0);
    history.add(new Operation.Read(null), 2, 3);
    assertTrue(history.isLinearizable());
    history.add(new Operation.Read("a"), 4, 5);
    assertTrue(history.isLinearizable());
    history.add(new Operation.Read(null), 6, 7);
    assertFalse(history.isLinearizable());
  }

  @Test
  void refusesTwoWinnersOfOneCondition() {
    history.add(new Operation.Swap(null, "a"), 0, 9);
    history.add(new Operation.Swap(null, "b"), 0, 9);
    assertFalse(history.isLinearizable());
  }

  @Test
  void refusesARefusalWithoutReason() {
    history.add(new Operation.Refused(null), 0, 1);
    assertFalse(history.isLinearizable());
  }
}
