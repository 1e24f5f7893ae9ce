package garage.cli;

import garage.admin.api.AdminRequest;
import garage.admin.api.BucketRequest.AddBucketAlias;
import garage.admin.api.BucketRequest.AllowBucketKey;
import garage.admin.api.BucketRequest.BucketChange;
import garage.admin.api.BucketRequest.CleanupIncompleteUploads;
import garage.admin.api.BucketRequest.CreateBucket;
import garage.admin.api.BucketRequest.DeleteBucket;
import garage.admin.api.BucketRequest.DenyBucketKey;
import garage.admin.api.BucketRequest.GetBucketInfo;
import garage.admin.api.BucketRequest.InspectObject;
import garage.admin.api.BucketRequest.ListBuckets;
import garage.admin.api.BucketRequest.Quotas;
import garage.admin.api.BucketRequest.RemoveBucketAlias;
import garage.admin.api.BucketRequest.UpdateBucket;
import garage.admin.api.BucketRequest.WebsiteChange;
import garage.admin.api.BucketResponse.BucketInfo;
import garage.admin.api.KeyRequest.GetKeyInfo;
import garage.admin.api.KeyResponse.KeyInfo;
import garage.admin.api.Permissions;
import garage.cli.format.BucketText;
import garage.cli.format.ObjectText;
import garage.cli.format.Times;
import garage.common.id.ByteSize;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code garage bucket …}. A bucket is named by an alias or the beginning of its id. */
final class BucketCommands {
  private BucketCommands() {}

  static CommandGroup group(Session session) {
    return new Group()
        .with("list", () -> new ListAll(session))
        .with("info", () -> new ShowOne(session))
        .with("create", () -> new Create(session))
        .with("delete", () -> new Delete(session))
        .with("alias", () -> new Alias(session))
        .with("unalias", () -> new Unalias(session))
        .with("allow", () -> new Allow(session))
        .with("deny", () -> new Deny(session))
        .with("website", () -> new Website(session))
        .with("set-quotas", () -> new SetQuotas(session))
        .with("cleanup-incomplete-uploads", () -> new CleanupUploads(session))
        .with("inspect-object", () -> new Inspect(session));
  }

  private static BucketInfo find(Session session, String name) {
    return session.call(new GetBucketInfo(null, null, name));
  }

  @Command(name = "bucket", description = "Buckets")
  private static final class Group extends CommandGroup {}

  /** A command after which the bucket is shown as it is then. */
  private abstract static class BucketCommand extends ShowingCommand {
    BucketCommand(Session session) {
      super(session);
    }

    final void showBucket(AdminRequest<BucketInfo> request) {
      show(request, info -> BucketText.info(info, session.zone()));
    }

    final BucketInfo find(String name) {
      return BucketCommands.find(session, name);
    }

    final KeyInfo findKey(String pattern) {
      return session.call(new GetKeyInfo(null, pattern, null));
    }
  }

  @Command(description = "List the buckets")
  private static final class ListAll extends ShowingCommand {
    ListAll(Session session) {
      super(session);
    }

    @Override
    public void run() {
      show(new ListBuckets(), buckets -> BucketText.list(buckets, session.zone()));
    }
  }

  @Command(description = "Show a bucket and its keys")
  private static final class ShowOne extends BucketCommand {
    @Parameters(paramLabel = "BUCKET", description = "Its name")
    String bucket = "";

    ShowOne(Session session) {
      super(session);
    }

    @Override
    public void run() {
      showBucket(new GetBucketInfo(null, null, bucket));
    }
  }

  @Command(description = "Create a bucket")
  private static final class Create extends BucketCommand {
    @Parameters(paramLabel = "NAME", description = "Its name")
    String name = "";

    Create(Session session) {
      super(session);
    }

    @Override
    public void run() {
      showBucket(new CreateBucket(name, null));
    }
  }

  @Command(description = "Delete an empty bucket")
  private static final class Delete extends VersionedCommand {
    @Parameters(paramLabel = "BUCKET", description = "Its name")
    String name = "";

    @Option(names = "--yes", description = "Accepted; a bucket with objects is never deleted")
    boolean unusedYes;

    Delete(Session session) {
      super(session);
    }

    @Override
    public void run() {
      BucketInfo bucket = find(session, name);
      boolean otherNames =
          bucket.globalAliases().stream().anyMatch(alias -> !alias.equals(name))
              || bucket.keys().stream().anyMatch(key -> !key.bucketLocalAliases().isEmpty());
      if (otherNames && bucket.globalAliases().contains(name)) {
        throw new CommandFailed(
            "bucket "
                + name
                + " has other names too: remove them with `garage bucket unalias`, or delete it"
                + " by its id "
                + bucket.id());
      }
      session.call(new DeleteBucket(bucket.id()));
      session.print("Bucket " + bucket.id() + " is deleted.\n");
    }
  }

  @Command(description = "Give a bucket another name")
  private static final class Alias extends BucketCommand {
    @Parameters(index = "0", paramLabel = "BUCKET", description = "A name it has")
    String bucket = "";

    @Parameters(index = "1", paramLabel = "NEW_NAME", description = "One more")
    String name = "";

    @Option(names = "--local", paramLabel = "KEY", description = "Only this key sees the name")
    @Nullable String local;

    Alias(Session session) {
      super(session);
    }

    @Override
    public void run() {
      String id = find(bucket).id();
      AddBucketAlias request =
          local == null
              ? new AddBucketAlias(id, name, null, null)
              : new AddBucketAlias(id, null, findKey(local).accessKeyId(), name);
      showBucket(request);
    }
  }

  @Command(description = "Take a name away from a bucket; the last one stays")
  private static final class Unalias extends BucketCommand {
    @Parameters(paramLabel = "NAME", description = "The name to take away")
    String name = "";

    @Option(names = "--local", paramLabel = "KEY", description = "The key that sees the name")
    @Nullable String local;

    Unalias(Session session) {
      super(session);
    }

    @Override
    public void run() {
      showBucket(local == null ? globalAlias() : localAlias(findKey(local)));
    }

    private RemoveBucketAlias globalAlias() {
      BucketInfo bucket = session.call(new GetBucketInfo(null, name, null));
      return new RemoveBucketAlias(bucket.id(), name, null, null);
    }

    private RemoveBucketAlias localAlias(KeyInfo key) {
      return key.buckets().stream()
          .filter(bucket -> bucket.localAliases().contains(name))
          .findFirst()
          .map(bucket -> new RemoveBucketAlias(bucket.id(), null, key.accessKeyId(), name))
          .orElseThrow(() ->
              new CommandFailed("key " + key.accessKeyId() + " knows no bucket as '" + name + "'"));
    }
  }

  /** What {@code allow} and {@code deny} share. */
  private abstract static class PermissionCommand extends BucketCommand {
    @Parameters(paramLabel = "BUCKET", description = "Its name")
    String bucket = "";

    @Option(names = "--read", description = "Read and list objects")
    boolean read;

    @Option(names = "--write", description = "Write and delete objects")
    boolean write;

    @Option(names = "--owner", description = "Administer the bucket")
    boolean owner;

    @Option(
        names = "--key",
        paramLabel = "KEY",
        required = true,
        description = "The key's name, or the beginning of its id")
    String key = "";

    PermissionCommand(Session session) {
      super(session);
    }

    @Override
    public final void run() {
      if (!read && !write && !owner) {
        throw new CommandFailed("nothing to change: give --read, --write or --owner");
      }
      showBucket(
          change(
              find(bucket).id(), findKey(key).accessKeyId(), Permissions.of(read, write, owner)));
    }

    abstract AdminRequest<BucketInfo> change(
        String bucketId, String accessKeyId, Permissions permissions);
  }

  @Command(description = "Let a key use a bucket")
  private static final class Allow extends PermissionCommand {
    Allow(Session session) {
      super(session);
    }

    @Override
    AdminRequest<BucketInfo> change(String bucketId, String accessKeyId, Permissions permissions) {
      return new AllowBucketKey(bucketId, accessKeyId, permissions);
    }
  }

  @Command(description = "Take permissions from a key")
  private static final class Deny extends PermissionCommand {
    Deny(Session session) {
      super(session);
    }

    @Override
    AdminRequest<BucketInfo> change(String bucketId, String accessKeyId, Permissions permissions) {
      return new DenyBucketKey(bucketId, accessKeyId, permissions);
    }
  }

  @Command(description = "Serve a bucket as a web site, to everybody, or no longer")
  private static final class Website extends BucketCommand {
    @Parameters(paramLabel = "BUCKET", description = "Its name")
    String bucket = "";

    @Option(names = "--allow", description = "Serve it")
    boolean allow;

    @Option(names = "--deny", description = "Do not serve it")
    boolean deny;

    @Option(
        names = {"-i", "--index-document"},
        paramLabel = "NAME",
        description = "What is shown for a folder; index.html if not given")
    String index = "index.html";

    @Option(
        names = {"-e", "--error-document"},
        paramLabel = "KEY",
        description = "What is shown where there is nothing")
    @Nullable String error;

    Website(Session session) {
      super(session);
    }

    @Override
    public void run() {
      if (allow == deny) {
        throw new CommandFailed("give either --allow or --deny");
      }
      WebsiteChange change =
          allow ? new WebsiteChange(true, index, error) : new WebsiteChange(false, null, null);
      showBucket(new UpdateBucket(find(bucket).id(), new BucketChange(change, null)));
    }
  }

  @Command(description = "Limit what a bucket may hold")
  private static final class SetQuotas extends BucketCommand {
    private static final String NONE = "none";

    @Parameters(paramLabel = "BUCKET", description = "Its name")
    String bucket = "";

    @Option(names = "--max-size", paramLabel = "SIZE|none", description = "Such as 10G")
    @Nullable String maxSize;

    @Option(names = "--max-objects", paramLabel = "N|none", description = "How many objects")
    @Nullable String maxObjects;

    SetQuotas(Session session) {
      super(session);
    }

    @Override
    public void run() {
      if (maxSize == null && maxObjects == null) {
        throw new CommandFailed("nothing to change: give --max-size or --max-objects");
      }
      BucketInfo before = find(bucket);
      Quotas quotas =
          new Quotas(
              maxSize == null ? before.quotas().maxSize() : bytes(maxSize),
              maxObjects == null ? before.quotas().maxObjects() : number(maxObjects));
      showBucket(new UpdateBucket(before.id(), new BucketChange(null, quotas)));
    }

    private static @Nullable Long bytes(String text) {
      try {
        return text.equals(NONE) ? null : Long.valueOf(ByteSize.parse(text).bytes());
      } catch (IllegalArgumentException e) {
        throw new CommandFailed(String.valueOf(e.getMessage()));
      }
    }

    private static @Nullable Long number(String text) {
      if (text.equals(NONE)) {
        return null;
      }
      if (!text.matches("\\d{1,18}")) {
        throw new CommandFailed("--max-objects is a number or 'none', not '" + text + "'");
      }
      return Long.valueOf(text);
    }
  }

  @Command(description = "Give up uploads that were begun long ago")
  private static final class CleanupUploads extends VersionedCommand {
    @Parameters(paramLabel = "BUCKET", arity = "1..*", description = "Their names")
    List<String> names = new ArrayList<>();

    @Option(names = "--older-than", paramLabel = "DURATION", description = "1d if not given")
    String olderThan = "1d";

    CleanupUploads(Session session) {
      super(session);
    }

    @Override
    public void run() {
      long seconds = seconds();
      for (String name : names) {
        String id = find(session, name).id();
        long deleted = session.call(new CleanupIncompleteUploads(id, seconds)).uploadsDeleted();
        session.print(
            NodeCommand.id(id)
                + ": "
                + (deleted == 0 ? "no" : Long.toString(deleted))
                + " uploads deleted\n");
      }
    }

    private long seconds() {
      try {
        return Times.parse(olderThan).toSeconds();
      } catch (IllegalArgumentException e) {
        throw new CommandFailed(String.valueOf(e.getMessage()));
      }
    }
  }

  @Command(description = "Show everything that is known of an object")
  private static final class Inspect extends ShowingCommand {
    @Parameters(index = "0", paramLabel = "BUCKET", description = "Its name")
    String bucket = "";

    @Parameters(index = "1", paramLabel = "KEY", description = "The object's")
    String key = "";

    Inspect(Session session) {
      super(session);
    }

    @Override
    public void run() {
      InspectObject request = new InspectObject(find(session, bucket).id(), key);
      show(request, object -> ObjectText.object(object, session.zone()));
    }
  }
}
