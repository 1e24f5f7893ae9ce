package garage.model.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.time.Timestamp;
import garage.model.lifecycle.LifecycleRule.Expiration;
import garage.model.lifecycle.LifecycleRule.Filter;
import garage.model.lifecycle.LifecycleRule.Noncurrent;
import garage.model.object.Annotations;
import garage.model.object.Content;
import garage.model.object.ObjectVersion;
import garage.model.object.Tag;
import garage.model.object.VersionId;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is due of an object, a version, a deletion and an upload, and when. */
final class LifecycleTest {
  private static final LifecycleCalendar UTC = LifecycleCalendar.UTC;

  private static long millis(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }

  static ObjectVersion.Stored object(long size, long modifiedMillis, Tag... tags) {
    return new ObjectVersion.Stored(
        new Content.Inline(),
        size,
        "etag",
        modifiedMillis,
        List.of(),
        null,
        new Annotations("GK1", List.of(tags)));
  }

  static Filter prefix(String prefix) {
    return new Filter(Filter.Form.FILTER, prefix, List.of(), null, null);
  }

  static LifecycleRule expiring(String id, Filter filter, Expiration expiration) {
    return new LifecycleRule(id, true, filter, expiration, null, null);
  }

  static Lifecycle of(LifecycleRule... rules) {
    return new Lifecycle(List.of(rules), Lifecycle.TransitionSizes.ALL_128K);
  }

  private static Lifecycle.Moment at(String instant) {
    return new Lifecycle.Moment(Instant.parse(instant), UTC);
  }

  /** The examples are AWS's. */
  @ParameterizedTest
  @CsvSource({
    "2014-01-15T10:30:00Z, 3, 2014-01-19T00:00:00Z",
    "2014-01-01T00:00:00Z, 3, 2014-01-04T00:00:00Z",
    "2014-01-01T00:00:00.001Z, 1, 2014-01-03T00:00:00Z",
    "2024-02-28T23:59:59.999Z, 1, 2024-03-01T00:00:00Z",
    "1969-12-31T23:00:00Z, 1, 1970-01-02T00:00:00Z",
  })
  void anObjectExpiresAtTheMidnightAfterItsDays(String written, int days, String expected) {
    Lifecycle rules = of(expiring("r", prefix(""), new Expiration.AfterDays(days)));
    Lifecycle.Expiry expiry = rules.expiry("k", object(1, millis(written)), UTC);
    assertEquals(new Lifecycle.Expiry(Instant.parse(expected), "r"), expiry);
  }

  @Test
  void midnightMayBeThatOfAPlace() {
    ZoneId zone = ZoneId.of("Europe/Paris");
    LifecycleCalendar paris = new LifecycleCalendar(Duration.ofDays(1), zone);
    long before = ZonedDateTime.of(2026, 3, 27, 23, 30, 0, 0, zone).toInstant().toEpochMilli();
    Instant expected = LocalDate.of(2026, 3, 30).atStartOfDay(zone).toInstant();
    assertEquals(expected, paris.after(before, 2), "over the night the clocks change");
    assertEquals("2026-03-28", paris.name(paris.dayOf(millis("2026-03-27T23:30:00Z"))));
  }

  @Test
  void aDayMayBeShortened() {
    LifecycleCalendar two = new LifecycleCalendar(Duration.ofSeconds(2), ZoneOffset.UTC);
    assertEquals(Instant.ofEpochMilli(6_000), two.after(3_001, 1));
    assertEquals(Instant.ofEpochMilli(6_000), two.after(4_000, 1));
    assertEquals(2, two.dayOf(5_999));
  }

  @Test
  void theFirstOfSeveralRulesCounts() {
    Lifecycle rules =
        of(
            expiring("late", prefix("a/"), new Expiration.AfterDays(30)),
            expiring("soon", prefix(""), new Expiration.AfterDays(2)),
            expiring(
                "then", prefix("a/b"), new Expiration.From(Instant.parse("2020-01-02T00:00:00Z"))));
    ObjectVersion.Stored object = object(1, millis("2020-01-01T12:00:00Z"));
    assertEquals("then", id(rules.expiry("a/b", object, UTC)));
    assertEquals("soon", id(rules.expiry("a/c", object, UTC)));
    assertTrue(rules.expires("a/b", object, at("2020-01-02T00:00:00Z")));
    assertFalse(rules.expires("a/b", object, at("2020-01-01T23:59:59.999Z")));
    assertFalse(rules.expires("a/c", object, at("2020-01-03T23:59:59.999Z")));
  }

  private static @Nullable String id(Lifecycle.@Nullable Expiry expiry) {
    return expiry == null ? null : expiry.ruleId();
  }

  @Test
  void aRuleIsForWhatItsWholeFilterNames() {
    Tag a = new Tag("a", "1");
    Tag b = new Tag("b", "2");
    Filter filter = new Filter(Filter.Form.AND, "p/", List.of(a, b), 10L, 20L);
    Lifecycle rules = of(expiring("r", filter, new Expiration.AfterDays(1)));
    assertEquals("r", id(rules.expiry("p/x", object(11, 0, b, a, new Tag("c", "")), UTC)));
    assertNull(rules.expiry("q/x", object(11, 0, a, b), UTC));
    assertNull(rules.expiry("p/x", object(10, 0, a, b), UTC));
    assertNull(rules.expiry("p/x", object(20, 0, a, b), UTC));
    assertNull(rules.expiry("p/x", object(11, 0, a), UTC));
    assertNull(rules.expiry("p/x", object(11, 0, a, new Tag("b", "")), UTC));
  }

  @Test
  void aRuleThatIsOffDoesNothing() {
    Noncurrent noncurrent = new Noncurrent(1, null);
    LifecycleRule off =
        new LifecycleRule("r", false, prefix(""), new Expiration.AfterDays(1), noncurrent, 1);
    Lifecycle rules = of(off);
    Lifecycle.Moment late = at("2030-01-01T00:00:00Z");
    assertNull(rules.expiry("k", object(1, 0), UTC));
    assertFalse(rules.removesMarker("k", 0, late));
    assertFalse(rules.removes(new Lifecycle.Old("k", object(1, 0), 0, 9), late));
    assertFalse(rules.abortsUpload("k", 0, late));
    assertEquals(List.of(), rules.prefixesOfObjects());
    assertEquals(List.of(), rules.prefixesOfUploads());
  }

  @Test
  void anUploadIsGivenUpSomeDaysAfterItBegan() {
    LifecycleRule rule = new LifecycleRule("r", true, prefix("u/"), null, null, 2);
    long begun = millis("2020-01-01T12:00:00Z");
    assertTrue(of(rule).abortsUpload("u/x", begun, at("2020-01-04T00:00:00Z")));
    assertFalse(of(rule).abortsUpload("u/x", begun, at("2020-01-03T23:59:59Z")));
    assertFalse(of(rule).abortsUpload("v", begun, at("2021-01-01T00:00:00Z")));
  }

  /** Versions of a key are shown one after the other; what is chosen is written as it was named. */
  private static final class Shown {
    private final KeyReview review;
    private final List<VersionId> ids = new ArrayList<>();

    Shown(Lifecycle rules, String now) {
      review = new KeyReview(rules, at(now), "k");
    }

    Shown object(String written, Tag... tags) {
      return add(LifecycleTest.object(1, millis(written), tags));
    }

    Shown marker(String written) {
      return add(new ObjectVersion.DeleteMarker("GK1", millis(written)));
    }

    private Shown add(ObjectVersion version) {
      VersionId id = new VersionId(new Timestamp(1_000 - ids.size(), 0, 0));
      ids.add(id);
      review.show(id, version, ids.size() == 1);
      return this;
    }

    Set<Integer> chosen() {
      Set<Integer> chosen = new TreeSet<>();
      review.chosen().forEach(id -> chosen.add(ids.indexOf(id)));
      return chosen;
    }
  }

  private static LifecycleRule noncurrent(Filter filter, int days, @Nullable Integer newer) {
    return new LifecycleRule("r", true, filter, null, new Noncurrent(days, newer), null);
  }

  @Test
  void aVersionGoesSomeDaysAfterAnotherTookItsPlace() {
    Lifecycle rules = of(noncurrent(prefix(""), 3, null));
    Shown shown =
        new Shown(rules, "2020-01-10T00:00:00Z")
            .object("2020-01-07T00:00:00Z")
            .object("2020-01-06T00:00:00Z") // superseded on the 7th
            .object("2020-01-01T00:00:00Z"); // superseded on the 6th
    assertEquals(Set.of(1, 2), shown.chosen());
    Shown before =
        new Shown(rules, "2020-01-09T23:59:59Z")
            .object("2020-01-07T00:00:00Z")
            .object("2020-01-06T00:00:00Z")
            .object("2019-01-01T00:00:00Z");
    assertEquals(Set.of(2), before.chosen());
  }

  @Test
  void theNewestVersionsStayWhateverTheirAge() {
    Lifecycle rules = of(noncurrent(prefix(""), 1, 2));
    Shown shown = new Shown(rules, "2020-02-01T00:00:00Z");
    for (int i = 0; i < 5; i++) {
      shown.object("2020-01-0" + (9 - i) + "T00:00:00Z");
    }
    assertEquals(Set.of(3, 4), shown.chosen());
  }

  @Test
  void aVersionsOwnTagsCount() {
    Tag tag = new Tag("t", "1");
    Filter tagged = new Filter(Filter.Form.FILTER, null, List.of(tag), null, null);
    Shown shown =
        new Shown(of(noncurrent(tagged, 1, null)), "2020-02-01T00:00:00Z")
            .object("2020-01-09T00:00:00Z", tag)
            .object("2020-01-08T00:00:00Z")
            .object("2020-01-07T00:00:00Z", tag)
            .marker("2020-01-06T00:00:00Z");
    assertEquals(Set.of(2), shown.chosen());
  }

  @Test
  void aDeletionGoesWithTheLastVersionItHides() {
    LifecycleRule rule =
        new LifecycleRule(
            "r", true, prefix(""), new Expiration.OfMarkers(true), new Noncurrent(3, null), null);
    assertEquals(
        Set.of(),
        new Shown(of(rule), "2020-01-08T00:00:00Z")
            .marker("2020-01-06T00:00:00Z")
            .object("2020-01-01T00:00:00Z")
            .chosen());
    assertEquals(
        Set.of(0, 1),
        new Shown(of(rule), "2020-01-09T00:00:00Z")
            .marker("2020-01-06T00:00:00Z")
            .object("2020-01-01T00:00:00Z")
            .chosen());
    assertEquals(
        Set.of(0),
        new Shown(of(rule), "2020-01-06T00:00:00Z").marker("2020-01-06T00:00:00Z").chosen());
  }

  @Test
  void aDeletionThatIsAloneIsAsOldAsAnObjectToARuleOfDays() {
    Lifecycle days = of(expiring("r", prefix(""), new Expiration.AfterDays(5)));
    String marked = "2020-01-06T10:00:00Z";
    assertEquals(Set.of(), new Shown(days, "2020-01-11T23:00:00Z").marker(marked).chosen());
    assertEquals(Set.of(0), new Shown(days, "2020-01-12T00:00:00Z").marker(marked).chosen());
    Filter sized = new Filter(Filter.Form.FILTER, null, List.of(), 0L, null);
    Lifecycle ofObjects = of(expiring("r", sized, new Expiration.AfterDays(5)));
    assertEquals(Set.of(), new Shown(ofObjects, "2021-01-01T00:00:00Z").marker(marked).chosen());
  }

  @Test
  void noMoreVersionsGoAtOnceThanABatchHolds() {
    Lifecycle rules =
        of(
            new LifecycleRule(
                "r",
                true,
                prefix(""),
                new Expiration.OfMarkers(true),
                new Noncurrent(1, null),
                null));
    Shown shown = new Shown(rules, "2020-02-01T00:00:00Z").marker("2020-01-01T00:00:00Z");
    for (int i = 0; i < KeyReview.REMOVED_MAX + 1; i++) {
      shown.object("2020-01-01T00:00:00Z");
    }
    assertEquals(KeyReview.REMOVED_MAX, shown.chosen().size());
    assertFalse(shown.chosen().contains(0), "a version is left that it hides");
  }

  @Test
  void whatIsLookedAtCoversWhatRulesAreFor() {
    for (long seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      List<LifecycleRule> rules = new ArrayList<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        rules.add(random(random, i));
      }
      Lifecycle lifecycle = of(rules.toArray(LifecycleRule[]::new));
      List<String> prefixes = lifecycle.prefixesOfObjects();
      for (int i = 0; i < 20; i++) {
        String key = word(random) + word(random);
        boolean looked = prefixes.stream().anyMatch(key::startsWith);
        boolean concerned =
            lifecycle.expiry(key, object(5, 0, new Tag("t", "")), UTC) != null
                || lifecycle.removesMarker(key, 0, at("2099-01-01T00:00:00Z"))
                || lifecycle.removes(
                    new Lifecycle.Old(key, object(5, 0), 0, 9), at("2099-01-01T00:00:00Z"));
        assertTrue(looked || !concerned, "seed " + seed + " key " + key);
        long times = prefixes.stream().filter(key::startsWith).count();
        assertTrue(times <= 1, "seed " + seed + ": twice");
      }
    }
  }

  @Test
  void rulesAreKeptAsTheyWere() {
    for (long seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      List<LifecycleRule> rules = new ArrayList<>();
      for (int i = 1 + random.nextInt(5); i > 0; i--) {
        rules.add(random(random, i));
      }
      Lifecycle lifecycle = new Lifecycle(rules, Lifecycle.TransitionSizes.BY_CLASS);
      assertEquals(lifecycle, Lifecycle.ofSetting(lifecycle.toSetting()), "seed " + seed);
    }
  }

  private static LifecycleRule random(Random random, int id) {
    List<Tag> tags = random.nextBoolean() ? List.of() : List.of(new Tag("t", word(random)));
    Filter filter =
        new Filter(
            List.of(Filter.Form.PREFIX, Filter.Form.FILTER, Filter.Form.AND).get(random.nextInt(3)),
            random.nextInt(4) == 0 ? null : word(random),
            tags,
            random.nextBoolean() ? null : random.nextLong(10),
            random.nextBoolean() ? null : random.nextLong(10));
    Expiration expiration =
        switch (random.nextInt(4)) {
          case 0 -> new Expiration.AfterDays(1 + random.nextInt(100));
          case 1 -> new Expiration.From(Instant.ofEpochSecond(86_400L * random.nextInt(50_000)));
          case 2 -> new Expiration.OfMarkers(random.nextBoolean());
          default -> null;
        };
    Noncurrent noncurrent =
        random.nextBoolean()
            ? null
            : new Noncurrent(1 + random.nextInt(9), random.nextBoolean() ? null : 3);
    Integer abort = random.nextBoolean() ? null : (Integer) (1 + random.nextInt(9));
    return new LifecycleRule(
        "r" + id, random.nextInt(5) > 0, filter, expiration, noncurrent, abort);
  }

  private static String word(Random random) {
    List<String> words = List.of("", "a", "ab", "abc", "b", "ba/", "\ud83d\ude00", "\uffee");
    return words.get(random.nextInt(words.size()));
  }
}
