package garage.cli;

import garage.admin.api.ClusterRequest.GetClusterStatus;
import garage.admin.api.LayoutParameters;
import garage.admin.api.LayoutRequest.ApplyClusterLayout;
import garage.admin.api.LayoutRequest.GetClusterLayout;
import garage.admin.api.LayoutRequest.GetClusterLayoutHistory;
import garage.admin.api.LayoutRequest.PreviewClusterLayoutChanges;
import garage.admin.api.LayoutRequest.RevertClusterLayout;
import garage.admin.api.LayoutRequest.UpdateClusterLayout;
import garage.admin.api.LayoutResponse;
import garage.admin.api.RoleChange;
import garage.admin.api.ZoneRedundancy;
import garage.cli.format.LayoutText;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garage layout …}, but for {@link AssignCommand}. */
final class LayoutCommands {
  static final String STAGED =
      """
      Role changes are staged, and not in effect yet.
      Use `garage layout show` to see what they would do,
      and `garage layout apply` to put them into effect.
      """;

  private LayoutCommands() {}

  static CommandGroup group(Session session) {
    return new Group()
        .with("assign", () -> new AssignCommand(session))
        .with("remove", () -> new Remove(session))
        .with("config", () -> new Config(session))
        .with("show", () -> new Show(session))
        .with("apply", () -> new Apply(session))
        .with("revert", () -> new Revert(session))
        .with("history", () -> new History(session))
        .with("skip-dead-nodes", () -> new SkipDeadNodes(session));
  }

  @Command(name = "layout", description = "Which node stores what")
  private static final class Group extends CommandGroup {}

  @Command(description = "Stage that a node leaves the layout")
  private static final class Remove extends VersionedCommand {
    @Parameters(paramLabel = "NODE", description = "The beginning of its id")
    String node = "";

    Remove(Session session) {
      super(session);
    }

    @Override
    public void run() {
      LayoutResponse.Layout layout = session.call(new GetClusterLayout());
      String id =
          NodePattern.parse(node)
              .resolve(NodePattern.known(session.call(new GetClusterStatus()), layout));
      boolean hasRole =
          layout.roles().stream().anyMatch(role -> role.id().equals(id))
              || layout.stagedRoleChanges().stream().anyMatch(c -> c.id().equals(id));
      if (!hasRole) {
        throw new CommandFailed("node " + id + " has no role");
      }
      session.call(new UpdateClusterLayout(List.of(RoleChange.removal(id)), null));
      session.print(STAGED);
    }
  }

  @Command(description = "Stage what holds for all partitions")
  private static final class Config extends VersionedCommand {
    @Option(
        names = {"-r", "--redundancy"},
        paramLabel = "none|maximum|NUMBER",
        description = "In how many zones each partition has to be")
    @Nullable String redundancy;

    @Option(
        names = {"--replication-factor"},
        paramLabel = "NUMBER",
        description = "On how many nodes each partition is kept")
    @Nullable Integer copies;

    Config(Session session) {
      super(session);
    }

    @Override
    public void run() {
      if (redundancy == null && copies == null) {
        throw new CommandFailed("nothing to change: give --redundancy or --replication-factor");
      }
      ZoneRedundancy zones = redundancy == null ? present() : parse(redundancy);
      session.call(new UpdateClusterLayout(null, new LayoutParameters(zones, copies)));
      if (redundancy != null) {
        session.print("Zone redundancy is staged to be " + zones.text() + ".\n");
      }
      if (copies != null) {
        session.print("The replication factor is staged to be " + copies + ".\n");
      }
    }

    private ZoneRedundancy present() {
      LayoutResponse.Layout layout = session.call(new GetClusterLayout());
      LayoutParameters staged = layout.stagedParameters();
      return (staged == null ? layout.parameters() : staged).zoneRedundancy();
    }

    private static ZoneRedundancy parse(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "none" -> new ZoneRedundancy.AtLeast(1);
        case "max", "maximum" -> new ZoneRedundancy.Maximum();
        case String number when number.matches("\\d{1,4}") ->
            new ZoneRedundancy.AtLeast(Integer.parseInt(number));
        case String other ->
            throw new CommandFailed(
                "zone redundancy is 'none', 'maximum' or a number, not '" + other + "'");
      };
    }
  }

  @Command(description = "Show the layout, and what the staged changes would make of it")
  private static final class Show extends ShowingCommand {
    Show(Session session) {
      super(session);
    }

    @Override
    public void run() {
      show(
          new GetClusterLayout(),
          layout ->
              LayoutText.show(
                  layout,
                  layout.hasStaged() ? session.call(new PreviewClusterLayoutChanges()) : null));
    }
  }

  @Command(description = "Put the staged changes into effect")
  private static final class Apply extends AskingCommand {
    @Option(
        names = "--version",
        paramLabel = "N",
        description = "The number of the new layout, as `garage layout show` gives it")
    @Nullable Long version;

    Apply(Session session) {
      super(session);
    }

    @Override
    public void run() {
      if (version == null) {
        throw new CommandFailed(
            "give the number of the new layout with --version N, as `garage layout show` prints"
                + " it: so that you apply what you have seen");
      }
      LayoutResponse.Applied applied = session.call(new ApplyClusterLayout(version));
      session.print(LayoutText.report(applied.message()));
      session.print(
          """

          The new cluster layout is applied.
          Where data has to move for it, `garage layout history` tells how far that is.
          """);
    }
  }

  @Command(description = "Drop the staged changes")
  private static final class Revert extends VersionedCommand {
    @Option(names = "--yes", description = "Yes, drop them")
    boolean yes;

    Revert(Session session) {
      super(session);
    }

    @Override
    public void run() {
      if (!yes) {
        throw new CommandFailed("this drops every staged change: add --yes to do it");
      }
      session.call(new RevertClusterLayout());
      session.print("The staged changes are dropped.\n");
    }
  }

  @Command(description = "Not needed here: a dead node holds no change of layout up")
  private static final class SkipDeadNodes extends AskingCommand {
    @Option(names = "--version", paramLabel = "N", description = "The version being reached")
    @Nullable Long unusedVersion;

    @Option(names = "--allow-missing-data", description = "Refused: nothing would be won by it")
    boolean unusedAllowMissingData;

    SkipDeadNodes(Session session) {
      super(session);
    }

    @Override
    public void run() {
      throw new CommandFailed(
          "there is nothing to skip: a change of layout needs a quorum of each partition's nodes,"
              + " and waits for no other. If it does not go on, too many of them are down: see"
              + " `garage layout history`, and bring one back");
    }
  }

  @Command(description = "Show the versions of the layout")
  private static final class History extends ShowingCommand {
    History(Session session) {
      super(session);
    }

    @Override
    public void run() {
      show(new GetClusterLayoutHistory(), LayoutText::history);
    }
  }
}
