package garage.simulator.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.hash.Digests;
import garage.simulator.check.Operation;
import garage.simulator.check.Violation;
import garage.simulator.cluster.ClusterSettings;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a ledger thinks of things that go by themselves. */
final class LedgerTest {
  private static final Rules RULES = new Rules(Duration.ofMinutes(2).toMillis());
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final Content FIRST = new Content(1, 100);
  private static final Content SECOND = new Content(2, 100);
  private static final Content NEVER = new Content(3, 100);

  private static List<Violation> verdict(Consumer<Ledger> happens) {
    Ledger[] ledger = new Ledger[1];
    Simulation.run(
        1,
        world -> {
          ledger[0] = new Ledger(world.clock(), false);
          ledger[0].lifecycle(RULES);
          happens.accept(ledger[0]);
        });
    return ledger[0].verdict();
  }

  private static void write(Ledger ledger, String key, Content content) {
    Value value = ledger.newValue(key, content, null);
    Operation write = new Operation.Write(value.number());
    ledger.add(key, new Ledger.Event("c", "PUT", write, 0, 1L));
  }

  private static void seenGone(Ledger ledger, String key, long at) {
    Operation read = new Operation.Read(Operation.ABSENT);
    ledger.add(key, new Ledger.Event("c", "GET -> 404", read, at, at + 1));
  }

  @Test
  void anObjectMayGoADayAfterItWasWrittenAndNotBefore() {
    Consumer<Ledger> early =
        ledger -> {
          write(ledger, "x1", new Content(1, 10));
          seenGone(ledger, "x1", MINUTE);
        };
    Consumer<Ledger> inTime =
        ledger -> {
          write(ledger, "x1", new Content(1, 10));
          seenGone(ledger, "x1", 5 * MINUTE);
        };
    assertEquals(Violation.Rule.LINEARIZABLE, verdict(early).getFirst().rule());
    assertEquals(List.of(), verdict(inTime));
  }

  @Test
  void anObjectThatNoRuleIsForNeverGoes() {
    for (String key : List.of("h1", "y1")) {
      Consumer<Ledger> gone =
          ledger -> {
            write(ledger, key, new Content(1, Rules.LARGE));
            seenGone(ledger, key, 500 * MINUTE);
          };
      assertEquals(1, verdict(gone).size(), key);
    }
  }

  @Test
  void aPurgeExplainsThatAnObjectIsGoneIfItHadTheBlock() {
    Content lost = new Content(1, 2 * ClusterSettings.BLOCK_BYTES);
    byte[] second =
        Arrays.copyOfRange(lost.bytes(), ClusterSettings.BLOCK_BYTES, lost.bytes().length);
    String hash = HexFormat.of().formatHex(Digests.sha256().digest(second));
    for (Content content : List.of(lost, new Content(2, 100))) {
      Consumer<Ledger> gone =
          ledger -> {
            write(ledger, "h1", content);
            ledger.lost(hash);
            seenGone(ledger, "h1", MINUTE);
          };
      assertEquals(content == lost ? 0 : 1, verdict(gone).size());
    }
  }

  @Test
  void aVersionIsGoneOnceItsDeletionWasAcknowledged() {
    verdict(ledger -> {
      ledger.acknowledged("w1", "id", 1, 0);
      assertFalse(ledger.mayBeGone("w1", "id"));
      ledger.deleting("w1", "id");
      assertTrue(ledger.mayBeGone("w1", "id"));
      assertFalse(ledger.wasGone("w1", "id", Long.MAX_VALUE));
      ledger.noteDeletion("w1", "id", 0, true);
      assertTrue(ledger.wasGone("w1", "id", Long.MAX_VALUE));
      assertFalse(ledger.wasGone("w1", "id", 0));
    });
  }

  @Test
  void aDayIsOverAtTheSecondMidnightUnlessSomethingBeganAtOne() {
    Rules rules = new Rules(100);
    assertEquals(200, rules.dayAfter(100));
    assertEquals(300, rules.dayAfter(101));
    assertEquals(300, rules.dayAfter(199));
  }

  @Test
  void whatIsMadeOfPartsIsCutIntoBlocksApart() {
    Content parts = new Content(List.of(new Content(1, 100), new Content(2, 5_000)));
    String hash = HexFormat.of().formatHex(Digests.sha256().digest(new Content(1, 100).bytes()));
    assertTrue(parts.hasBlock(hash));
    assertEquals(5_100, parts.bytes().length);
    assertFalse(new Content(2, 5_000).hasBlock(hash));
  }

  /** As the product has it: a copy refers to the blocks of its source, and cuts only the ends. */
  @Test
  void aCopyHasTheBlocksOfItsSourceAsTheyWereCut() {
    Content second = new Content(2, 2 * ClusterSettings.BLOCK_BYTES);
    Content source = new Content(List.of(new Content(1, 2_050), second));
    Content whole = new Content(source, 0, source.bytes().length);
    Content range = new Content(source, 50, 2_050 + ClusterSettings.BLOCK_BYTES + 7);

    String first = hash(source, 0, 2_050);
    assertTrue(whole.hasBlock(first));
    assertTrue(new Content(List.of(new Content(3, 10), whole)).hasBlock(first), "a part of parts");
    assertFalse(whole.hasBlock(hash(source, 0, ClusterSettings.BLOCK_BYTES)));

    assertFalse(range.hasBlock(first), "the range begins behind its first byte");
    assertTrue(range.hasBlock(hash(source, 50, 2_050)));
    assertTrue(range.hasBlock(hash(second, 0, ClusterSettings.BLOCK_BYTES)));
    int end = ClusterSettings.BLOCK_BYTES;
    assertTrue(range.hasBlock(hash(second, end, end + 7)));
    assertFalse(range.hasBlock(hash(second, end, 2 * end)));
  }

  /** A value of h1 that is to be what h0 holds, which was {@link #FIRST} and is SECOND. */
  private static Value copy(Ledger ledger) {
    for (Content content : List.of(FIRST, SECOND)) {
      ledger.newValue("h0", content, null).etag(content.md5());
    }
    ledger.newValue("h9", NEVER, null).etag(NEVER.md5());
    return ledger.newValue("h1", null, "h0");
  }

  private static void attempt(Ledger ledger, Value copy, @Nullable Long ended) {
    copy.attempt();
    ledger.add("h1", new Ledger.Event("c", "PUT", new Operation.Write(copy.number()), 0, ended));
  }

  private static void twice(Ledger ledger) {
    Value copy = copy(ledger);
    attempt(ledger, copy, null);
    attempt(ledger, copy, 1L);
    ledger.checkTag(copy, SECOND.md5(), "PUT");
  }

  /** How many violations there are if a listing then shows h1 with the tag of {@code content}. */
  private static int listed(Content content, Consumer<Ledger> happens) {
    Ledger.Range all = new Ledger.Range("", null);
    TreeMap<String, String> tags = new TreeMap<>(Map.of("h1", content.md5()));
    return verdict(happens.andThen(l -> l.add(new Ledger.Listing("c", all, 2, 3, tags)))).size();
  }

  @Test
  void aCopyThatWasTriedTwiceIsListedWithTheTagOfEither() {
    assertEquals(0, listed(FIRST, LedgerTest::twice));
    assertEquals(0, listed(SECOND, LedgerTest::twice));
    assertEquals(1, listed(NEVER, LedgerTest::twice), "its source never held it");
  }

  @Test
  void aCopyThatTookEffectOnceHasTheTagThatWasShown() {
    Consumer<Ledger> once =
        ledger -> {
          Value copy = copy(ledger);
          copy.attempt();
          copy.refused();
          attempt(ledger, copy, 1L);
          ledger.checkTag(copy, SECOND.md5(), "PUT");
        };
    assertEquals(1, listed(FIRST, once));
    assertEquals(0, listed(SECOND, once));
  }

  @Test
  void aCopyThatNobodyWasToldOfHasATagOfItsSource() {
    Consumer<Ledger> lost = ledger -> attempt(ledger, copy(ledger), null);
    assertEquals(0, listed(FIRST, lost));
    assertEquals(0, listed(SECOND, lost));
    assertEquals(1, listed(NEVER, lost));

    Consumer<Ledger> further = lost.andThen(ledger -> ledger.newValue("h0", null, "h9"));
    assertEquals(0, listed(NEVER, further), "a copy that its source was");
  }

  @Test
  void anotherAttemptAtACopyThatWasSeenMayHaveOtherBytes() {
    Consumer<Ledger> seen =
        ledger -> {
          Value copy = copy(ledger);
          copy.attempt();
          ledger.checkBytes(copy, "h1", 0, FIRST.bytes(), true, "GET");
          ledger.checkTag(copy, FIRST.md5(), "GET");
        };
    Consumer<Ledger> again =
        seen.andThen(ledger -> Objects.requireNonNull(ledger.value("4")).attempt());
    Consumer<Ledger> first = read(FIRST);
    Consumer<Ledger> second = read(SECOND);
    assertEquals(0, verdict(seen.andThen(first)).size());
    assertEquals(2, verdict(seen.andThen(second)).size());
    assertEquals(0, verdict(again.andThen(second).andThen(first)).size());
    assertEquals(2, verdict(again.andThen(read(NEVER))).size());
  }

  private static Consumer<Ledger> read(Content content) {
    return ledger -> {
      Value copy = Objects.requireNonNull(ledger.value("4"));
      ledger.checkBytes(copy, "h1", 0, content.bytes(), true, "GET");
      ledger.checkTag(copy, content.md5(), "GET");
    };
  }

  @Test
  void aConditionMayHoldOfEitherAttemptAtACopy() {
    verdict(ledger -> {
      twice(ledger);
      assertEquals(Operation.Verdict.UNKNOWN, ledger.tagged(FIRST.md5()).of(4));
      assertEquals(Operation.Verdict.UNKNOWN, ledger.tagged(SECOND.md5()).of(4));
      assertEquals(Operation.Verdict.HOLDS_NOT, ledger.tagged(NEVER.md5()).of(4));
      assertEquals(Operation.Verdict.HOLDS, ledger.tagged(FIRST.md5()).of(1));
      assertEquals(Operation.Verdict.HOLDS_NOT, ledger.tagged(FIRST.md5()).of(2));
    });
  }

  private static String hash(Content content, int from, int to) {
    byte[] block = Arrays.copyOfRange(content.bytes(), from, to);
    return HexFormat.of().formatHex(Digests.sha256().digest(block));
  }
}
