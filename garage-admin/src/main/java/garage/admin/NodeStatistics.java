package garage.admin;

import garage.common.text.TextTable;
import garage.db.Store;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/** What this node holds and has to do, as the text of {@code garage stats}. */
public final class NodeStatistics {
  private final NodeSelf self;
  private final Store store;
  private final List<Figure> blocks;

  /**
   * A line of the text.
   *
   * @param label what is counted
   */
  public record Figure(String label, LongSupplier count) {}

  /** {@code blocks} is what is told of the block store. */
  public NodeStatistics(NodeSelf self, Store store, List<Figure> blocks) {
    this.self = self;
    this.store = store;
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
    for (String name : store.trees()) {
      tables.row("  " + name, Long.toString(store.approximateCount(store.tree(name))));
    }
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
