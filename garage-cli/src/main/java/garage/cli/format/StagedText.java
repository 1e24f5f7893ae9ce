package garage.cli.format;

import garage.admin.api.LayoutParameters;
import garage.admin.api.LayoutResponse;
import garage.admin.api.RoleChange;
import garage.common.text.TextTable;
import java.util.List;

/** The changes that wait to be applied. */
final class StagedText {
  private StagedText() {}

  static String of(LayoutResponse.Layout layout) {
    StringBuilder text = new StringBuilder(Cells.heading("STAGED ROLE CHANGES"));
    TextTable table = new TextTable().row("ID", "Tags", "Zone", "Capacity");
    for (RoleChange change : layout.stagedRoleChanges()) {
      if (change.isRemoval()) {
        table.row(Cells.id(change.id()), "REMOVED");
      } else {
        List<String> tags = change.tags() == null ? List.of() : change.tags();
        String zone = change.zone() == null ? "" : change.zone();
        table.row(Cells.id(change.id()), Cells.tags(tags), zone, Cells.capacity(change.capacity()));
      }
    }
    text.append(table);
    LayoutParameters parameters = layout.stagedParameters();
    if (parameters != null) {
      text.append("\nZone redundancy: ").append(parameters.zoneRedundancy().text()).append('\n');
      if (parameters.replicationFactor() != null) {
        text.append("Replication factor: ").append(parameters.replicationFactor()).append('\n');
      }
    }
    return text.toString();
  }
}
