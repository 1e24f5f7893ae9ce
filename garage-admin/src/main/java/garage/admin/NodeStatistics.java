package garage.admin;

import garage.common.text.TextTable;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/** What this node holds and has to do, as the text of {@code garage stats}. */
public final class NodeStatistics {
  private final NodeSelf self;
  private final MetadataCounts metadata;
  private final List<Figure> blocks;

  /**
   * A line of the text.
   *
   * @param label what is counted
   */
  public record Figure(String label, LongSupplier count) {}

  /** {@code blocks} is what is told of the block store. */
  public NodeStatistics(NodeSelf self, MetadataCounts metadata, List<Figure> blocks) {
    this.self = self;
    this.metadata = metadata;
    this.blocks = List.copyOf(blocks);
  }

  /** The text; counts of rows are estimates of the store's. */
  public String text() {
    TextTable program =
        new TextTable()
            .row("Node ID:", self.id())
            .row("Hostname:", self.hostname())
            .row("Garage version:", self.version())
            .row("Java runtime:", self.runtime())
            .row("Database engine:", self.dbEngine());
    TextTable tables = new TextTable().row("  Table", "Items");
    metadata.rows().forEach((name, rows) -> tables.row("  " + name, rows.toString()));
    StringBuilder text = new StringBuilder();
    text.append(program).append("\nTable stats:\n").append(tables);
    text.append("\nBlock manager stats:\n");
    for (Figure figure : blocks) {
      text.append(
          String.format(Locale.ROOT, "  %s: %d%n", figure.label(), figure.count().getAsLong()));
    }
    return text.toString();
  }
}
