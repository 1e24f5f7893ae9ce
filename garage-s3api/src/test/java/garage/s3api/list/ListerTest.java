package garage.s3api.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Pages are compared with a model that sorts, filters and rolls up all keys at once. */
class ListerTest {
  private static final List<String> ALPHABET =
      List.of("a", "b", "/", "//", "ab", "é", "\uffee", "\ud83d\ude00", "+", " ", "\0");

  @Test
  void pagesTogetherAreWhatTheModelLists() {
    for (long seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      Source source = new Source(keys(random));
      String prefix = random.nextInt(3) == 0 ? "" : word(random, 2);
      String delimiter = List.of("", "/", "//", "ab", "é/").get(random.nextInt(5));
      int max = 1 + random.nextInt(6);
      List<String> all = new ArrayList<>();
      ListStart start = new ListStart.Beginning();
      for (int pages = 0; ; pages++) {
        assertTrue(pages < 1000, "endless, seed " + seed);
        ListPage<String> page = Lister.page(new ListQuery(prefix, delimiter, start, max), source);
        List<String> entries = merged(page);
        assertTrue(entries.size() <= max, "seed " + seed);
        all.addAll(entries);
        ListStart next = page.next();
        if (next == null) {
          break;
        }
        assertEquals(max, entries.size(), "only the last page is short, seed " + seed);
        start = throughToken(next);
      }
      assertEquals(model(source.keys, prefix, delimiter), all, "seed " + seed);
    }
  }

  @Test
  void lastPageIsNotTruncatedEvenIfItIsFull() {
    Source source = new Source(List.of("a", "b"));
    assertFalse(page(source, "", "", 2).truncated());
    assertTrue(page(source, "", "", 1).truncated());
  }

  @Test
  void noEntriesAskedForIsAnEmptyPageWithoutARead() {
    Source source = new Source(List.of("a", "b"));
    ListPage<String> page = page(source, "", "", 0);
    assertEquals(List.of(), page.items());
    assertFalse(page.truncated());
    assertEquals(0, source.reads);
  }

  @Test
  void commonPrefixOfManyKeysCostsOneSeek() {
    List<String> keys = new ArrayList<>();
    for (int folder = 0; folder < 20; folder++) {
      for (int i = 0; i < 5000; i++) {
        keys.add("f%02d/%05d".formatted(folder, i));
      }
    }
    Source source = new Source(keys);
    ListPage<String> page = page(source, "", "/", 1000);
    assertEquals(20, page.commonPrefixes().size());
    assertTrue(source.reads <= 2 + 2 * 20, "reads: " + source.reads);
  }

  @Test
  void markerThatIsACommonPrefixSkipsIt() {
    Source source = new Source(List.of("asdf", "boo/bar", "boo/baz/x", "cquux/t"));
    ListStart start = ListStart.marker("boo/", "", "/");
    ListPage<String> page = Lister.page(new ListQuery("", "/", start, 10), source);
    assertEquals(List.of("cquux/"), page.commonPrefixes());
  }

  @Test
  void markerInsideACommonPrefixLeavesWhatFollowsIt() {
    Source source = new Source(List.of("boo/a", "boo/b", "c"));
    ListStart start = ListStart.marker("boo/a", "", "/");
    ListPage<String> page = Lister.page(new ListQuery("", "/", start, 10), source);
    assertEquals(List.of("boo/"), page.commonPrefixes());
    ListStart behind = ListStart.marker("boo/b", "", "/");
    page = Lister.page(new ListQuery("", "/", behind, 10), source);
    assertEquals(List.of(), page.commonPrefixes());
    assertEquals(List.of("c"), page.items());
  }

  @Test
  void markerShorterThanALongDelimiterIsAKey() {
    assertEquals(new ListStart.AfterKey("abcd"), ListStart.marker("abcd", "", "fghij"));
  }

  @Test
  void markerBehindThePrefixListsNothing() {
    Source source = new Source(List.of("a/1", "b/1"));
    ListStart start = ListStart.marker("b", "a/", "");
    assertEquals(List.of(), Lister.page(new ListQuery("a/", "", start, 10), source).items());
  }

  @Test
  void keysAreInTheOrderOfTheirUtf8Bytes() {
    String emoji = "\ud83d\ude00";
    String high = "\uffee";
    assertTrue(KeyOrder.INSTANCE.compare(high, emoji) < 0);
    assertTrue(high.compareTo(emoji) > 0, "Java's own order differs");
    assertEquals("\ue000", KeyOrder.afterPrefix("\ud7ff"));
    assertEquals("b", KeyOrder.afterPrefix("a\udbff\udfff"));
    assertNull(KeyOrder.afterPrefix("\udbff\udfff"));
    assertNull(KeyOrder.afterPrefix(""));
  }

  @Test
  void tokenThatIsNoneIsRefused() {
    assertNull(ListStart.ofToken("?"));
    assertNull(ListStart.ofToken(""));
    assertNull(ListStart.ofToken("eHh4"));
    assertNull(ListStart.ofToken("a_____"));
    assertNull(ListStart.ofToken("aWFi"));
  }

  private static ListPage<String> page(Source source, String prefix, String delimiter, int max) {
    return Lister.page(new ListQuery(prefix, delimiter, new ListStart.Beginning(), max), source);
  }

  private static ListStart throughToken(ListStart start) {
    ListStart read = ListStart.ofToken(start.toToken());
    assertEquals(start, read);
    return start;
  }

  private static List<String> merged(ListPage<String> page) {
    TreeSet<String> entries = new TreeSet<>(KeyOrder.INSTANCE);
    entries.addAll(page.items());
    page.commonPrefixes().forEach(p -> assertTrue(entries.add(p + "|prefix"), p));
    return List.copyOf(entries);
  }

  private static List<String> model(Collection<String> keys, String prefix, String delimiter) {
    Set<String> entries = new LinkedHashSet<>();
    for (String key : keys) {
      if (key.startsWith(prefix)) {
        int at = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
        entries.add(at < 0 ? key : key.substring(0, at + delimiter.length()) + "|prefix");
      }
    }
    TreeSet<String> sorted = new TreeSet<>(KeyOrder.INSTANCE);
    sorted.addAll(entries);
    return List.copyOf(sorted);
  }

  private static List<String> keys(Random random) {
    List<String> keys = new ArrayList<>();
    for (int i = random.nextInt(60); i > 0; i--) {
      keys.add(word(random, 6));
    }
    return keys;
  }

  private static String word(Random random, int lengthMax) {
    StringBuilder word = new StringBuilder();
    for (int i = 1 + random.nextInt(lengthMax); i > 0; i--) {
      word.append(ALPHABET.get(random.nextInt(ALPHABET.size())));
    }
    return word.toString();
  }

  /** Keys in memory, and what reading them cost. */
  private static final class Source implements KeyCursor<String> {
    final TreeSet<String> keys = new TreeSet<>(KeyOrder.INSTANCE);
    private String from = "";
    int reads;

    Source(Collection<String> keys) {
      this.keys.addAll(keys);
    }

    @Override
    public @Nullable String next() {
      reads++;
      String key = keys.ceiling(from);
      if (key != null) {
        from = KeyOrder.justAfter(key);
      }
      return key;
    }

    @Override
    public void seek(Position position) {
      reads++;
      from = position.key();
    }

    @Override
    public Position positionOf(String item) {
      return Position.at(item);
    }
  }
}
