package garage.layout.assign;

import java.util.ArrayList;
import java.util.List;

/** Rows of cells as lines: columns as wide as their widest cell and two spaces, the last ragged. */
final class TextTable {
  private TextTable() {}

  static List<String> format(List<List<String>> rows) {
    List<Integer> widths = new ArrayList<>();
    for (List<String> row : rows) {
      for (int column = 0; column + 1 < row.size(); column++) {
        if (column == widths.size()) {
          widths.add(0);
        }
        widths.set(column, Math.max(widths.get(column), width(row.get(column))));
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < row.size(); column++) {
      String cell = row.get(column);
      line.append(cell);
      if (column + 1 < row.size()) {
        line.repeat(' ', widths.get(column) + 2 - width(cell));
      }
    }
    return line.toString();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
