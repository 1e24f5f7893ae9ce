package garage.s3api.list;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A listing whose keys have several items each. */
class UploadListingTest {
  private static final Comparator<Position> ORDER =
      Comparator.comparing(Position::key, KeyOrder.INSTANCE).thenComparing(Position::sub);

  @Test
  void everyItemOfAKeyIsListedOnceOverPagesOfOne() {
    List<Position> items =
        List.of(
            new Position("a", "1"),
            new Position("a", "2"),
            new Position("a", "3"),
            new Position("b", "1"),
            new Position("b/c", "1"));
    List<Position> listed = new ArrayList<>();
    ListStart start = new ListStart.Beginning();
    while (start != null) {
      ListPage<Position> page = ListCursor.page(new ListQuery("", "", start, 1), new Source(items));
      listed.addAll(page.items());
      start = page.next();
      if (start != null) {
        assertEquals(start, ListStart.ofToken(start.toToken()));
      }
    }
    assertEquals(items, listed);
  }

  private record Source(List<Position> items) implements KeySource<Position> {
    @Override
    public Batch<Position> read(Position from, @Nullable String until, int limit) {
      return new Batch<>(
          items.stream()
              .filter(p -> ORDER.compare(p, from) >= 0)
              .filter(p -> until == null || KeyOrder.INSTANCE.compare(p.key(), until) < 0)
              .limit(limit)
              .toList(),
          null);
    }

    @Override
    public Position positionOf(Position item) {
      return item;
    }
  }
}
