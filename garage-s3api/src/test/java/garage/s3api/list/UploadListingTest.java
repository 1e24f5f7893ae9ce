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
      ListPage<Position> page = Lister.page(new ListQuery("", "", start, 1), new Source(items));
      listed.addAll(page.items());
      start = page.next();
      if (start != null) {
        assertEquals(start, ListStart.ofToken(start.toToken()));
      }
    }
    assertEquals(items, listed);
  }

  private static final class Source implements KeyCursor<Position> {
    private final List<Position> items;
    private int at;

    Source(List<Position> items) {
      this.items = items;
    }

    @Override
    public @Nullable Position next() {
      return at == items.size() ? null : items.get(at++);
    }

    @Override
    public void seek(Position position) {
      while (at < items.size() && ORDER.compare(items.get(at), position) < 0) {
        at++;
      }
    }

    @Override
    public Position positionOf(Position item) {
      return item;
    }
  }
}
