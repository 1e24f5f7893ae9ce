package garage.cli.format;

import garage.admin.api.LayoutResponse;
import garage.common.text.TextTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code garage layout show} and {@code garage layout history}. */
public final class LayoutText {
  private LayoutText() {}

  /**
   * The current layout, and with staged changes what they would make of it.
   *
   * @param preview null if nothing is staged
   */
  public static String show(
      LayoutResponse.Layout layout, LayoutResponse.@Nullable Preview preview) {
    StringBuilder text = new StringBuilder(Cells.heading("CURRENT CLUSTER LAYOUT"));
    text.append(roles(layout));
    text.append("\nCurrent cluster layout version: ").append(layout.version()).append('\n');
    if (preview != null) {
      text.append('\n').append(StagedText.of(layout)).append('\n').append(after(layout, preview));
    }
    return text.toString();
  }

  /** The lines of a report, each with its end. */
  public static String report(@Nullable List<String> lines) {
    return lines == null || lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  /** The versions, and how far each node is if several are live. */
  public static String history(LayoutResponse.History history) {
    TextTable table = new TextTable().row("Version", "Status", "Storage nodes", "Gateway nodes");
    for (LayoutResponse.Version version : history.versions()) {
      table.row(
          "#" + version.version(),
          version.status(),
          Long.toString(version.storageNodes()),
          Long.toString(version.gatewayNodes()));
    }
    return Cells.heading("LAYOUT HISTORY") + table + "\n" + ChangeText.of(history);
  }

  private static String roles(LayoutResponse.Layout layout) {
    if (layout.roles().isEmpty()) {
      return "No node has a role yet: give them one with `garage layout assign`.\n"
          + "The nodes there are: `garage status`.\n";
    }
    TextTable table = new TextTable().row("ID", "Tags", "Zone", "Capacity", "Usable capacity");
    for (LayoutResponse.NodeRole role : layout.roles()) {
      Long capacity = role.capacity();
      Long usable = role.usableCapacity();
      table.row(
          Cells.id(role.id()),
          Cells.tags(role.tags()),
          role.zone(),
          Cells.capacity(capacity),
          capacity == null ? "" : usable == null ? "?" : Cells.share(usable, capacity));
    }
    return table + "\nZone redundancy: " + layout.parameters().zoneRedundancy().text() + "\n";
  }

  private static String after(LayoutResponse.Layout layout, LayoutResponse.Preview preview) {
    String error = preview.error();
    LayoutResponse.Layout next = preview.newLayout();
    if (error != null || next == null) {
      return "The staged changes cannot be applied yet: "
          + (error == null ? "the new layout is unknown" : error)
          + "\nChange them with `garage layout assign`, or drop them with"
          + " `garage layout revert --yes`.\n";
    }
    return Cells.heading("NEW CLUSTER LAYOUT AFTER APPLYING CHANGES")
        + roles(next)
        + "\n"
        + report(preview.message())
        + "\nTo put the staged changes into effect, run:\n\n"
        + "    garage layout apply --version "
        + (layout.version() + 1)
        + "\n\nTo drop them: `garage layout revert --yes`\n";
  }
}
