package garage.cli.format;

import garage.admin.api.LayoutResponse.Departed;
import garage.admin.api.LayoutResponse.History;
import garage.admin.api.LayoutResponse.Part;
import garage.admin.api.LayoutResponse.Progress;
import garage.common.text.TextTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a change of layout has come, and which nodes can be switched off after it. */
final class ChangeText {
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;

  private ChangeText() {}

  /** Everything, for {@code layout history}. */
  static String of(History history) {
    String phase = history.phase();
    return phase == null
        ? stable(history)
        : intro(history.currentVersion(), phase) + details(history.progress());
  }

  /** One line for {@code status}; empty if no change is under way and no node has left. */
  static String line(History history) {
    String phase = history.phase();
    Progress progress = history.progress();
    if (phase != null) {
      String done =
          progress == null
              ? ""
              : ", %d of %d partitions are ready"
                  .formatted(progress.partitionsReady(), progress.partitions());
      return "The layout is being changed to version #%d (%s%s): see `garage layout history`.\n"
          .formatted(history.currentVersion(), phase, done);
    }
    StringBuilder text = new StringBuilder();
    history.departed().forEach(node -> text.append(statement(node)));
    return text.toString();
  }

  private static String intro(long version, String phase) {
    return "The cluster is on its way to layout version #"
        + version
        + (phase.equals("COPY")
            ? ": its nodes are being filled,\nand the version before is still in force.\n"
            : ": it counts together\nwith the version before (" + phase + ").\n")
        + "Keep every node of both versions running that is not lost.\n";
  }

  private static String details(@Nullable Progress progress) {
    if (progress == null) {
      return "";
    }
    TextTable table =
        new TextTable()
            .row("Partitions ready:", progress.partitionsReady() + " of " + progress.partitions());
    for (Part part : progress.parts()) {
      table.row(part.name() + ":", part.done() + " done, " + part.remaining() + " to go");
    }
    Long left = progress.secondsLeft();
    table.row("Left of this phase:", left == null ? "not known yet" : about(left));
    ids(table, "Still being filled:", progress.waitingFor());
    ids(table, "Not heard of:", progress.silent());
    return "\n" + table;
  }

  private static void ids(TextTable table, String label, List<String> ids) {
    String before = label;
    for (String id : ids) {
      table.row(before, Cells.id(id));
      before = "";
    }
  }

  private static String about(long seconds) {
    if (seconds < MINUTE) {
      return "less than a minute";
    }
    return seconds < HOUR
        ? "about " + (seconds + MINUTE / 2) / MINUTE + " minutes"
        : "about " + (seconds + HOUR / 2) / HOUR + " hours";
  }

  private static String stable(History history) {
    String text =
        "The cluster is stable: every node uses layout version #" + history.currentVersion();
    if (history.departed().isEmpty()) {
      return text + ",\nand no data is being moved.\n";
    }
    StringBuilder all = new StringBuilder(text).append(".\n\n");
    history.departed().forEach(node -> all.append(statement(node)));
    return all.toString();
  }

  private static String statement(Departed node) {
    return node.mayBeSwitchedOff()
        ? "Node %s has no role and holds nothing any more: it can be switched off.\n"
            .formatted(Cells.id(node.id()))
        : "Node %s has no role, but still holds data of %d partitions: keep it running.\n"
            .formatted(Cells.id(node.id()), node.partitions());
  }
}
