package garage.s3api.request;

import static garage.s3api.request.Heads.head;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.s3api.request.ReadConditions.Outcome;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditions, ranges and dates are decided as RFC 9110 and AWS say. */
class ConditionsTest {
  private static final Instant TIME = Instant.parse("2024-05-06T07:08:09.500Z");
  private static final String SAME = "Mon, 06 May 2024 07:08:09 GMT";
  private static final String BEFORE = "Mon, 06 May 2024 07:08:08 GMT";
  private static final Outcome PROCEED = new Outcome.Proceed();
  private static final Outcome UNCHANGED = new Outcome.NotModified();

  @ParameterizedTest
  @ValueSource(strings = {"\"e\"", "e", "*", "\"x\", \"e\"", "x,e", " \"e\" ,"})
  void ifMatchHoldsForTheTagInAnyForm(String header) {
    assertEquals(PROCEED, evaluate("If-Match", header));
    assertEquals(UNCHANGED, evaluate("If-None-Match", header));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"x\"", "W/\"e\"", "\"e", "\"\"", "\"e,x\""})
  void ifMatchFailsForOtherAndWeakTags(String header) {
    Outcome outcome = evaluate("If-Match", header);
    assertEquals(header.equals("\"e") ? PROCEED : new Outcome.Failed("If-Match"), outcome);
  }

  @Test
  void weakTagsCountWhereNothingIsToMatch() {
    assertEquals(UNCHANGED, evaluate("If-None-Match", "W/\"e\""));
    assertEquals(PROCEED, evaluate("If-None-Match", "\"x\""));
  }

  @Test
  void datesAreComparedInWholeSeconds() {
    assertEquals(UNCHANGED, evaluate("If-Modified-Since", SAME));
    assertEquals(PROCEED, evaluate("If-Modified-Since", BEFORE));
    assertEquals(PROCEED, evaluate("If-Unmodified-Since", SAME));
    assertEquals(
        new Outcome.Failed("If-Unmodified-Since"), evaluate("If-Unmodified-Since", BEFORE));
  }

  @Test
  void tagsBeatDates() {
    assertEquals(PROCEED, evaluate("If-Match", "\"e\"", "If-Unmodified-Since", BEFORE));
    assertEquals(PROCEED, evaluate("If-None-Match", "\"x\"", "If-Modified-Since", SAME));
    assertEquals(UNCHANGED, evaluate("If-None-Match", "\"e\"", "If-Modified-Since", BEFORE));
    assertEquals(
        new Outcome.Failed("If-Match"), evaluate("If-Match", "\"x\"", "If-None-Match", "\"e\""));
    assertEquals(UNCHANGED, evaluate("If-Match", "\"e\"", "If-None-Match", "\"e\""));
  }

  @Test
  void whatIsNoDateDoesNotCount() {
    assertEquals(PROCEED, evaluate("If-Modified-Since", "yesterday"));
    assertEquals(PROCEED, evaluate("If-Unmodified-Since", "1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        "1994-11-06T08:49:37.000Z",
      })
  void everyFormOfADateIsRead(String text) {
    assertEquals(Instant.parse("1994-11-06T08:49:37Z"), HttpDates.parse(text));
  }

  @Test
  void datesAreWrittenInTheOneForm() {
    assertEquals(
        "Sun, 06 Nov 1994 08:49:37 GMT",
        HttpDates.format(Instant.parse("1994-11-06T08:49:37.999Z")));
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-4, 10, 0, 4",
    "bytes=5-, 10, 5, 9",
    "bytes=5-100, 10, 5, 9",
    "bytes=-3, 10, 7, 9",
    "bytes=-30, 10, 0, 9",
    "bytes=9-9, 10, 9, 9",
    "bytes = 0 - 1, 10, 0, 1",
  })
  void rangesAreResolved(String header, long size, long first, long last) {
    ByteRange range = ByteRange.parse(header);
    assertEquals(new ByteRange.Resolved(first, last), range == null ? null : range.resolve(size));
  }

  @ParameterizedTest
  @CsvSource({"bytes=10-, 10", "bytes=10-20, 10", "bytes=-0, 10", "bytes=0-, 0", "bytes=-1, 0"})
  void rangesWithoutBytesAreUnsatisfiable(String header, long size) {
    ByteRange range = ByteRange.parse(header);
    assertTrue(range != null);
    assertNull(range == null ? null : range.resolve(size));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=0-1,3-4",
        "lines=0-1",
        "bytes=a-b",
        "0-1",
        "bytes=0-9999999999999999999",
        "bytes=--1",
        "bytes=+1-2",
        "bytes=1.5-2"
      })
  void malformedRangesAreIgnored(String header) {
    assertNull(ByteRange.parse(header));
  }

  @Test
  void ifRangeDecidesWhetherTheRangeCounts() {
    assertTrue(rangeApplies("\"e\""));
    assertFalse(rangeApplies("\"x\""));
    assertFalse(rangeApplies("W/\"e\""));
    assertTrue(rangeApplies(SAME));
    assertFalse(rangeApplies(BEFORE));
  }

  @Test
  void conditionsOfCopySourcesHaveTheirPrefix() {
    RequestHead head = head("PUT", "/b/k", "x-amz-copy-source-if-match", "\"x\"", "If-Match", "e");
    ReadConditions conditions = ReadConditions.parse(head, "x-amz-copy-source-");
    assertEquals(new Outcome.Failed("If-Match"), conditions.evaluate("e", TIME));
  }

  @Test
  void listsOfTagsAreSplit() {
    assertEquals(
        List.of(
            new EtagList.Tag(false, "a,b"),
            new EtagList.Tag(true, "c"),
            new EtagList.Tag(false, "d")),
        EtagList.parse("\"a,b\", W/\"c\",d").tags());
  }

  private static boolean rangeApplies(String ifRange) {
    RequestHead head = head("GET", "/b/k", "Range", "bytes=0-1", "If-Range", ifRange);
    return ReadOptions.parse(head, new Parameters(head.target().query())).rangeApplies("e", TIME);
  }

  private static Outcome evaluate(String... headers) {
    return ReadConditions.parse(head("GET", "/b/k", headers), "").evaluate("e", TIME);
  }
}
