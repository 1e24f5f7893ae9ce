package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import garage.simulator.check.KeyHistory;
import garage.simulator.check.KeyHistory.Verdict;
import garage.simulator.check.Operation;
import garage.simulator.check.Operation.Expectation;
import garage.testkit.env.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker itself, on histories whose verdict is known. */
final class KeyHistoryTest {
  private final KeyHistory history = new KeyHistory();

  @Test
  void acceptsReadsOfConcurrentWritesInEitherOrder() {
    history.add(new Operation.Write(1), 0, 10);
    history.add(new Operation.Write(2), 0, 10);
    history.add(new Operation.Read(1), 11, 12);
    expect(Verdict.LINEARIZABLE);
  }

  @Test
  void refusesAnOverwrittenValueComingBack() {
    history.add(new Operation.Write(1), 0, 1);
    history.add(new Operation.Write(2), 2, 3);
    history.add(new Operation.Read(2), 4, 5);
    history.add(new Operation.Read(1), 6, 7);
    expect(Verdict.VIOLATED);
  }

  @Test
  void refusesAnAcknowledgedWriteLost() {
    history.add(new Operation.Write(1), 0, 1);
    history.add(new Operation.Read(Operation.ABSENT), 2, 3);
    expect(Verdict.VIOLATED);
  }

  @Test
  void refusesADeletedValueComingBack() {
    history.add(new Operation.Write(1), 0, 1);
    history.add(new Operation.Write(Operation.ABSENT), 2, 3);
    history.add(new Operation.Read(1), 4, 5);
    expect(Verdict.VIOLATED);
  }

  @Test
  void refusesOneWriteTakingEffectTwice() {
    history.addUnknown(new Operation.Write(1), 0);
    history.add(new Operation.Read(1), 2, 3);
    history.add(new Operation.Write(2), 4, 5);
    history.add(new Operation.Read(2), 6, 7);
    history.add(new Operation.Read(1), 8, 9);
    expect(Verdict.VIOLATED);
  }

  @Test
  void refusesReadsThatGoBackWithinAWrite() {
    history.add(new Operation.Write(1), 0, 100);
    history.add(new Operation.Read(1), 10, 20);
    history.add(new Operation.Read(Operation.ABSENT), 30, 40);
    expect(Verdict.VIOLATED);
  }

  @Test
  void acceptsAWriteOfUnknownOutcomeLateOrNever() {
    history.addUnknown(new Operation.Write(1), 0);
    history.add(new Operation.Read(Operation.ABSENT), 2, 3);
    expect(Verdict.LINEARIZABLE);
    history.add(new Operation.Read(1), 4, 5);
    expect(Verdict.LINEARIZABLE);
    history.add(new Operation.Read(Operation.ABSENT), 6, 7);
    expect(Verdict.VIOLATED);
  }

  @Test
  void refusesAnUnknownWriteSeenBeforeItBegan() {
    history.add(new Operation.Read(1), 0, 1);
    history.addUnknown(new Operation.Write(1), 2);
    expect(Verdict.VIOLATED);
  }

  @Test
  void findsTheOrderAmongSeveralUnknownWrites() {
    for (int value = 1; value <= 6; value++) {
      history.addUnknown(new Operation.Write(value), 0);
    }
    int time = 1;
    for (int value : new int[] {4, 2, 6, 1, 3}) {
      history.add(new Operation.Read(value), time, time + 1);
      time += 2;
    }
    expect(Verdict.LINEARIZABLE);
    history.add(new Operation.Read(2), time, time + 1);
    expect(Verdict.VIOLATED);
  }

  @Test
  void refusesTwoWinnersOfOneCondition() {
    history.add(new Operation.Swap(only(Operation.ABSENT), 1), 0, 9);
    history.add(new Operation.Swap(only(Operation.ABSENT), 2), 0, 9);
    expect(Verdict.VIOLATED);
  }

  @Test
  void refusesARefusalWithoutReason() {
    history.add(new Operation.Refused(only(Operation.ABSENT)), 0, 1);
    expect(Verdict.VIOLATED);
  }

  @Test
  void acceptsARefusalThatAnUnknownWriteExplains() {
    history.addUnknown(new Operation.Write(1), 0);
    history.add(new Operation.Refused(only(Operation.ABSENT)), 1, 2);
    expect(Verdict.LINEARIZABLE);
    history.add(new Operation.Read(Operation.ABSENT), 3, 4);
    expect(Verdict.VIOLATED);
  }

  @Test
  void anExpectationOfAValueNobodyKnowsGoesBothWays() {
    Expectation vague = value -> Operation.Verdict.UNKNOWN;
    history.add(new Operation.Write(1), 0, 1);
    history.add(new Operation.Swap(vague, 2), 2, 3);
    history.add(new Operation.Refused(vague), 4, 5);
    history.add(new Operation.Read(2), 6, 7);
    expect(Verdict.LINEARIZABLE);
  }

  /** Histories made by executing operations at known moments, then with one answer falsified. */
  @Test
  void acceptsWhatARealRegisterDidAndMostlyRefusesALie() {
    int refused = 0;
    for (long seed = 1; seed <= 200; seed++) {
      assertEquals(Verdict.LINEARIZABLE, executed(seed, false).check(), "seed " + seed);
      refused += executed(seed, true).check() == Verdict.VIOLATED ? 1 : 0;
    }
    assertEquals(true, refused > 120, refused + " lies were found");
  }

  /** What nobody prunes: every order of every choice of the unknown ones. */
  @Test
  void saysOfSmallHistoriesWhatTryingEveryOrderSays() {
    int violated = 0;
    for (long seed = 1; seed <= 4_000; seed++) {
      SeededRandom random = new SeededRandom(SeededRandom.mix(seed));
      KeyHistory small = new KeyHistory();
      List<Timed> all = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        Operation operation = anyOperation(random, 1 + random.nextInt(3));
        long began = random.nextInt(12);
        boolean unknown = random.chance(0.5) && !(operation instanceof Operation.Read);
        long ended = unknown ? Long.MAX_VALUE : began + random.nextInt(6);
        all.add(new Timed(operation, began, ended));
        if (unknown) {
          small.addUnknown(operation, began);
        } else {
          small.add(operation, began, ended);
        }
      }
      boolean explained = isExplained(all, Operation.ABSENT);
      violated += explained ? 0 : 1;
      assertEquals(
          explained ? Verdict.LINEARIZABLE : Verdict.VIOLATED, small.check(), "seed " + seed);
    }
    assertEquals(true, violated > 500 && violated < 3_500, violated + " were violated");
  }

  private record Timed(Operation operation, long began, long ended) {}

  private static Operation anyOperation(SeededRandom random, int value) {
    return switch (random.nextInt(6)) {
      case 0, 1 -> new Operation.Write(value);
      case 2 -> new Operation.Write(Operation.ABSENT);
      case 3 -> new Operation.Swap(only(random.nextInt(3)), value);
      case 4 -> new Operation.Refused(only(random.nextInt(2)));
      default -> new Operation.Read(random.nextInt(4));
    };
  }

  private static boolean isExplained(List<Timed> left, int state) {
    if (left.stream().allMatch(o -> o.ended == Long.MAX_VALUE)) {
      return true;
    }
    long firstEnd = left.stream().mapToLong(Timed::ended).min().orElseThrow();
    for (Timed next : left) {
      if (next.began <= firstEnd && next.operation.possible(state)) {
        List<Timed> rest = new ArrayList<>(left);
        rest.remove(next);
        if (isExplained(rest, next.operation.after(state))) {
          return true;
        }
      }
    }
    return false;
  }

  private static KeyHistory executed(long seed, boolean lie) {
    SeededRandom random = new SeededRandom(SeededRandom.mix(seed));
    record Planned(int kind, int argument, long began, long at, long ended) {}
    List<Planned> plan = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      long began = random.nextInt(2_000);
      long at = began + random.nextInt(100);
      plan.add(new Planned(random.nextInt(4), i + 1, began, at, at + random.nextInt(100)));
    }
    plan.sort((a, b) -> Long.compare(a.at, b.at));
    KeyHistory made = new KeyHistory();
    int state = Operation.ABSENT;
    int lieAt = lie ? 20 + random.nextInt(40) : -1;
    for (int i = 0; i < plan.size(); i++) {
      Planned p = plan.get(i);
      boolean unknown = random.chance(0.15);
      boolean applied = !unknown || random.chance(0.5);
      Expectation absent = only(Operation.ABSENT);
      Operation operation =
          switch (p.kind) {
            case 0 -> new Operation.Write(p.argument);
            case 1 -> new Operation.Write(Operation.ABSENT);
            case 2 ->
                state == Operation.ABSENT || unknown
                    ? new Operation.Swap(absent, p.argument)
                    : new Operation.Refused(absent);
            default -> new Operation.Read(i >= lieAt && lieAt >= 0 ? 1_000 : state);
          };
      if (applied && operation.possible(state)) {
        state = operation.after(state);
      }
      if (!unknown) {
        made.add(operation, p.began, p.ended);
      } else if (p.kind < 3) {
        made.addUnknown(operation, p.began);
      }
    }
    return made;
  }

  private static Expectation only(int expected) {
    return value -> value == expected ? Operation.Verdict.HOLDS : Operation.Verdict.HOLDS_NOT;
  }

  private void expect(Verdict verdict) {
    assertEquals(verdict, history.check());
  }
}
