package garage.cli;

import garage.admin.api.KeyRequest.CreateKey;
import garage.admin.api.KeyRequest.DeleteKey;
import garage.admin.api.KeyRequest.GetKeyInfo;
import garage.admin.api.KeyRequest.ImportKey;
import garage.admin.api.KeyRequest.KeyChange;
import garage.admin.api.KeyRequest.KeyPermissionChange;
import garage.admin.api.KeyRequest.ListKeys;
import garage.admin.api.KeyRequest.UpdateKey;
import garage.admin.api.KeyResponse.KeyInfo;
import garage.admin.api.KeyResponse.KeySummary;
import garage.cli.format.KeyText;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garage key …}. A key is named by its name or the beginning of its id. */
final class KeyCommands {
  private KeyCommands() {}

  static CommandGroup group(Session session) {
    return new Group()
        .with("list", () -> new ListAll(session))
        .with("info", () -> new ShowOne(session))
        .with("create", () -> new Create(session))
        .alias("create", "new")
        .with("import", () -> new Import(session))
        .with("rename", () -> new Rename(session))
        .with("set", () -> new Change(session))
        .with("allow", () -> new Allow(session))
        .with("deny", () -> new Deny(session))
        .with("delete", () -> new Delete(session))
        .with("delete-expired", () -> new DeleteExpired(session));
  }

  @Command(name = "key", description = "Access keys")
  private static final class Group extends CommandGroup {}

  @Command(description = "List the keys")
  private static final class ListAll extends ShowingCommand {
    ListAll(Session session) {
      super(session);
    }

    @Override
    public void run() {
      show(new ListKeys(), keys -> KeyText.list(keys, session.zone()));
    }
  }

  /** A command about one key that exists. */
  private abstract static class OneKey extends ShowingCommand {
    @Parameters(index = "0", paramLabel = "KEY", description = "Its name, or its id's beginning")
    String pattern = "";

    OneKey(Session session) {
      super(session);
    }

    final KeyInfo find() {
      return session.call(new GetKeyInfo(null, pattern, null));
    }

    final void update(KeyChange change) {
      show(new UpdateKey(find().accessKeyId(), change), key -> KeyText.info(key, session.zone()));
    }
  }

  @Command(description = "Show a key and its buckets")
  private static final class ShowOne extends OneKey {
    @Option(names = "--show-secret", description = "Its secret too")
    boolean showSecret;

    ShowOne(Session session) {
      super(session);
    }

    @Override
    public void run() {
      show(
          new GetKeyInfo(null, pattern, showSecret ? true : null),
          key -> KeyText.info(key, session.zone()));
    }
  }

  @Command(description = "Create a key")
  private static final class Create extends ShowingCommand {
    @Parameters(
        paramLabel = "NAME",
        arity = "0..1",
        description = "Its name; several may have the same")
    @Nullable String name;

    @Option(names = "--name", paramLabel = "NAME", description = "Its name, in the older form")
    @Nullable String olderName;

    @Option(
        names = "--expires-in",
        paramLabel = "DURATION",
        description = "When it stops working: 6h, 30d")
    @Nullable String expiresIn;

    Create(Session session) {
      super(session);
    }

    @Override
    public void run() {
      String theName = name != null ? name : olderName != null ? olderName : "Unnamed key";
      Instant expiration = expiresIn == null ? null : session.after(expiresIn);
      show(
          new CreateKey(theName, expiration, null, null, null),
          key -> KeyText.created(key, session.zone()));
    }
  }

  @Command(description = "Take over a key made elsewhere")
  private static final class Import extends ShowingCommand {
    @Parameters(index = "0", paramLabel = "ID", description = "GK and 24 hex digits")
    String id = "";

    @Parameters(index = "1", paramLabel = "SECRET", description = "64 hex digits")
    String secret = "";

    @Option(
        names = {"-n", "--name"},
        paramLabel = "NAME",
        description = "Its name")
    String name = "Imported key";

    @Option(names = "--yes", description = "Yes, it was made for this system")
    boolean yes;

    Import(Session session) {
      super(session);
    }

    @Override
    public void run() {
      if (!yes) {
        throw new CommandFailed(
            "import only keys that were made by this system, to move them or bring them back: add"
                + " --yes to do it. For a new key there is `garage key create`");
      }
      show(new ImportKey(id, secret, name), key -> KeyText.info(key, session.zone()));
    }
  }

  @Command(description = "Give a key another name")
  private static final class Rename extends OneKey {
    @Parameters(index = "1", paramLabel = "NEW_NAME", description = "Its new name")
    String name = "";

    Rename(Session session) {
      super(session);
    }

    @Override
    public void run() {
      update(new KeyChange(name, null, null, null, null, null));
    }
  }

  @Command(description = "Change when a key stops working, or its holder's e-mail address")
  private static final class Change extends OneKey {
    @Mixin Expiry expiry = new Expiry();

    @Option(
        names = "--email",
        paramLabel = "ADDRESS",
        description = "By which access control lists may name it; empty for none")
    @Nullable String email;

    Change(Session session) {
      super(session);
    }

    @Override
    public void run() {
      if (!expiry.isGiven() && email == null) {
        throw new CommandFailed("nothing to change: give --expires-in, --never-expires or --email");
      }
      update(new KeyChange(null, email, expiry.at(session), expiry.never(), null, null));
    }
  }

  @Command(description = "Let a key create buckets")
  private static final class Allow extends OneKey {
    @Option(names = "--create-bucket", description = "Create buckets over S3")
    boolean createBucket;

    Allow(Session session) {
      super(session);
    }

    @Override
    public void run() {
      update(new KeyChange(null, null, null, null, permission(createBucket), null));
    }
  }

  @Command(description = "Take permissions from a key")
  private static final class Deny extends OneKey {
    @Option(names = "--create-bucket", description = "Create buckets over S3")
    boolean createBucket;

    Deny(Session session) {
      super(session);
    }

    @Override
    public void run() {
      update(new KeyChange(null, null, null, null, null, permission(createBucket)));
    }
  }

  @Command(description = "Delete a key; what it stored stays")
  private static final class Delete extends VersionedCommand {
    @Parameters(paramLabel = "KEY", description = "Its name, or its id's beginning")
    String pattern = "";

    @Option(names = "--yes", description = "Accepted")
    boolean unusedYes;

    Delete(Session session) {
      super(session);
    }

    @Override
    public void run() {
      String id = session.call(new GetKeyInfo(null, pattern, null)).accessKeyId();
      session.call(new DeleteKey(id));
      session.print("Key " + id + " is deleted.\n");
    }
  }

  @Command(description = "Delete the keys that have expired; what they stored stays")
  private static final class DeleteExpired extends DeleteExpiredCommand {
    DeleteExpired(Session session) {
      super(session, "access keys");
    }

    @Override
    List<String> expired() {
      return session.call(new ListKeys()).keys().stream()
          .filter(KeySummary::expired)
          .map(KeySummary::id)
          .toList();
    }

    @Override
    void delete(String id) {
      session.call(new DeleteKey(id));
    }
  }

  private static KeyPermissionChange permission(boolean createBucket) {
    if (!createBucket) {
      throw new CommandFailed("nothing to change: give --create-bucket");
    }
    return new KeyPermissionChange(true);
  }
}
