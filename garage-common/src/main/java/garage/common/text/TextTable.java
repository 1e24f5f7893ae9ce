package garage.common.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows whose columns stand under each other: each is as wide as its widest cell and two spaces, and
 * the last cell of a row is followed by nothing. Rows may have different numbers of cells.
 */
public final class TextTable {
  private static final int GAP = 2;

  private final List<List<String>> rows = new ArrayList<>();

  /** Adds a row; empty cells at its end are as if they were not there. */
  public TextTable row(String... cells) {
    int length = cells.length;
    while (length > 0 && cells[length - 1].isEmpty()) {
      length--;
    }
    rows.add(List.of(cells).subList(0, length));
    return this;
  }

  /** Adds an empty line. */
  public TextTable blank() {
    rows.add(List.of());
    return this;
  }

  /** The lines, each with its end. */
  @Override
  public String toString() {
    List<Integer> widths = widths();
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        text.append(row.get(i));
        if (i < row.size() - 1) {
          text.repeat(' ', widths.get(i) + GAP - width(row.get(i)));
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  private List<Integer> widths() {
    List<Integer> widths = new ArrayList<>();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        if (i == widths.size()) {
          widths.add(0);
        }
        widths.set(i, Math.max(widths.get(i), width(row.get(i))));
      }
    }
    return widths;
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
