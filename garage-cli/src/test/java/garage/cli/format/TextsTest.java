package garage.cli.format;

import garage.admin.api.BucketRequest.Quotas;
import garage.admin.api.BucketResponse.BucketInfo;
import garage.admin.api.BucketResponse.BucketKey;
import garage.admin.api.BucketResponse.BucketSummary;
import garage.admin.api.BucketResponse.Buckets;
import garage.admin.api.BucketResponse.LocalAlias;
import garage.admin.api.BucketResponse.WebsiteConfig;
import garage.admin.api.ClusterResponse.Node;
import garage.admin.api.ClusterResponse.Role;
import garage.admin.api.ClusterResponse.Space;
import garage.admin.api.ClusterResponse.Status;
import garage.admin.api.KeyResponse.KeyBucket;
import garage.admin.api.KeyResponse.KeyInfo;
import garage.admin.api.KeyResponse.KeyPermissions;
import garage.admin.api.KeyResponse.KeySummary;
import garage.admin.api.KeyResponse.Keys;
import garage.admin.api.LayoutParameters;
import garage.admin.api.LayoutResponse.Departed;
import garage.admin.api.LayoutResponse.History;
import garage.admin.api.LayoutResponse.Layout;
import garage.admin.api.LayoutResponse.NodeRole;
import garage.admin.api.LayoutResponse.Part;
import garage.admin.api.LayoutResponse.Preview;
import garage.admin.api.LayoutResponse.Progress;
import garage.admin.api.LayoutResponse.Version;
import garage.admin.api.Permissions;
import garage.admin.api.RoleChange;
import garage.admin.api.ZoneRedundancy;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What each command prints, whole. The files hold headings, labels and columns that scripts look
 * for: a change there is a change for them.
 */
class TextsTest {
  private static final ZoneId ZONE = ZoneId.of("Europe/Paris");
  private static final Instant CREATED = Instant.parse("2026-11-22T23:30:56.123Z");
  private static final String A = "a1".repeat(32);
  private static final String B = "b2".repeat(32);
  private static final String C = "c3".repeat(32);
  private static final String D = "d4".repeat(32);
  private static final String KEY = "GK31c2f218a2e44f485b94239e";
  private static final String SECRET = "5ec2e7".repeat(10) + "0a1b";

  @Test
  void statusBeforeThereIsALayout() {
    Status status = new Status(0, List.of(up(A, "garage-0", null, null)));

    Golden.check(
        "status-new.txt",
        StatusText.of(
            status, layout(0, List.of(), List.of(), null), history(List.of(), null, null)));
  }

  @Test
  void statusOfALayoutThatIsInForce() {
    Role storage = new Role("garage-dc", List.of(), 10_000_000_000L);
    Role tagged = new Role("garage-dc", List.of("ssd", "rack 1"), 2_500_000_000_000L);
    Status status =
        new Status(
            1,
            List.of(
                up(B, "garage-1", tagged, null),
                up(C, "gw", new Role("edge", List.of(), null), null),
                up(A, "garage-0", storage, new Space(7_500_000_000L, 10_000_000_000L))));

    Golden.check(
        "status.txt",
        StatusText.of(
            status, layout(1, List.of(), List.of(), null), history(List.of(), null, null)));
  }

  @Test
  void statusWithFailedNodesAndStagedChanges() {
    Status status =
        new Status(
            2,
            List.of(
                up(A, "garage-0", null, null),
                down(B, "garage-1", new Role("dc1", List.of("a"), 1_000_000_000L), 125L, false),
                down(C, null, null, null, false),
                down(D, "garage-3", null, 90_000L, true)));
    Layout layout =
        layout(
            2,
            List.of(),
            List.of(
                RoleChange.assign(A, "dc1", List.of("a", "b"), 5_000_000_000L),
                RoleChange.assign(C, "dc2", List.of(), null),
                RoleChange.removal(B)),
            new ZoneRedundancy.AtLeast(2));

    Golden.check(
        "status-failed.txt", StatusText.of(status, layout, history(List.of(), null, null)));
  }

  @Test
  void layoutBeforeThereIsOne() {
    Golden.check("layout-none.txt", LayoutText.show(layout(0, List.of(), List.of(), null), null));
  }

  @Test
  void layoutWithAndWithoutStagedChanges() {
    List<NodeRole> roles =
        List.of(
            new NodeRole(A, "dc1", List.of("a"), 1_000_000_000L, 256L, 1_000_000_000L),
            new NodeRole(B, "dc2", List.of(), 2_000_000_000L, 256L, 1_000_000_000L),
            new NodeRole(C, "edge", List.of(), null, null, null));
    Golden.check("layout.txt", LayoutText.show(layout(3, roles, List.of(), null), null));

    Layout staged = layout(3, roles, List.of(RoleChange.removal(C)), null);
    Preview preview =
        new Preview(
            null,
            List.of("==== COMPUTATION ====", "", "fine"),
            layout(4, roles.subList(0, 2), List.of(), null));
    Golden.check("layout-staged.txt", LayoutText.show(staged, preview));
    Golden.check(
        "layout-infeasible.txt",
        LayoutText.show(staged, new Preview("there are too few nodes", null, null)));
  }

  @Test
  void historyOfAStableLayoutAndOfOneUnderWay() {
    List<Version> versions =
        List.of(new Version(12, "Current", 3, 1), new Version(11, "Draining", 10, 0));

    List<Version> stable =
        List.of(new Version(12, "Current", 3, 1), new Version(11, "Historical", 10, 0));

    Golden.check("history.txt", LayoutText.history(history(stable, null, null)));
    Progress copy =
        new Progress(
            256,
            120,
            185L,
            List.of(new Part("blocks", 10, 20), new Part("registers", 1000, 345)),
            List.of(A, B),
            List.of(C));
    Golden.check("history-copy.txt", LayoutText.history(history(versions, "COPY", copy)));
    Progress joint = new Progress(256, 0, null, List.of(), List.of(), List.of());
    Golden.check("history-joint.txt", LayoutText.history(history(versions, "JOINT", joint)));
    Golden.check(
        "history-departed.txt",
        LayoutText.history(
            history(stable, null, null, new Departed(A, 12, false), new Departed(B, 0, true))));
  }

  @Test
  void statusTellsOfAChangeAndOfWhatItLeftBehind() {
    Status status = new Status(1, List.of(up(A, "garage-0", null, null)));
    Layout layout = layout(12, List.of(), List.of(), null);
    Progress copy = new Progress(256, 120, null, List.of(), List.of(), List.of());
    Golden.check(
        "status-change.txt", StatusText.of(status, layout, history(List.of(), "COPY", copy)));
    Golden.check(
        "status-departed.txt",
        StatusText.of(
            status,
            layout,
            history(List.of(), null, null, new Departed(B, 12, false), new Departed(C, 0, true))));
  }

  private static History history(
      List<Version> versions,
      @Nullable String phase,
      @Nullable Progress progress,
      Departed... left) {
    return new History(12, 12, versions, null, phase, progress, List.of(left));
  }

  @Test
  void keys() {
    Keys keys =
        new Keys(
            List.of(
                new KeySummary("GK2", "younger", CREATED.plusSeconds(60), CREATED, true),
                new KeySummary(KEY, "lakehouse-access", CREATED, null, false),
                new KeySummary("GK3", "ends", CREATED.plusSeconds(90), CREATED, false)));

    Golden.check("key-list.txt", KeyText.list(keys, ZONE));
    Golden.check("key-list-empty.txt", KeyText.list(new Keys(List.of()), ZONE));
  }

  @Test
  void aKey() {
    KeyBucket one = new KeyBucket(A, List.of("lakehouse"), List.of(), permissions(1, 1, 0));
    KeyBucket two =
        new KeyBucket(B, List.of(), List.of("mine", "my-own", "third"), permissions(1, 0, 1));

    Golden.check("key-info.txt", KeyText.info(key(null, List.of(one, two)), ZONE));
    Golden.check("key-created.txt", KeyText.created(key(SECRET, List.of()), ZONE));
  }

  @Test
  void buckets() {
    Buckets buckets =
        new Buckets(
            List.of(
                new BucketSummary(
                    B,
                    CREATED.plusSeconds(5),
                    List.of("a", "b", "c"),
                    List.of(new LocalAlias(KEY, "mine"))),
                new BucketSummary(A, CREATED, List.of("lakehouse"), List.of())));

    Golden.check("bucket-list.txt", BucketText.list(buckets, ZONE));
  }

  @Test
  void aBucket() {
    BucketInfo plain =
        bucket(List.of("lakehouse"), 0, 0, 0, null, new Quotas(null, null), List.of());
    BucketInfo full =
        bucket(
            List.of("lakehouse", "lake"),
            1200,
            12_345_678_901L,
            2,
            new WebsiteConfig("index.html", null),
            new Quotas(20_000_000_000L, 5000L),
            List.of(
                new BucketKey(KEY, "lakehouse-access", permissions(1, 1, 0), List.of()),
                new BucketKey("GK0", "other", permissions(0, 0, 1), List.of("mine"))));

    Golden.check("bucket-info.txt", BucketText.info(plain, ZONE));
    Golden.check("bucket-info-full.txt", BucketText.info(full, ZONE));
  }

  private static Node up(String id, String hostname, @Nullable Role role, @Nullable Space data) {
    return new Node(id, "0.1.0", "10.244.0.5:3901", hostname, true, null, role, false, data, null);
  }

  private static Node down(
      String id,
      @Nullable String hostname,
      @Nullable Role role,
      @Nullable Long lastSeen,
      boolean draining) {
    return new Node(id, null, null, hostname, false, lastSeen, role, draining, null, null);
  }

  private static Layout layout(
      long version,
      List<NodeRole> roles,
      List<RoleChange> staged,
      @Nullable ZoneRedundancy stagedRedundancy) {
    return new Layout(
        version,
        roles,
        new LayoutParameters(new ZoneRedundancy.Maximum(), null),
        1_000_000,
        staged,
        stagedRedundancy == null ? null : new LayoutParameters(stagedRedundancy, null));
  }

  private static KeyInfo key(@Nullable String secret, List<KeyBucket> buckets) {
    return new KeyInfo(
        KEY,
        "lakehouse-access",
        "c0ffee",
        "lake@example.org",
        CREATED,
        null,
        false,
        secret,
        new KeyPermissions(true),
        buckets);
  }

  private static BucketInfo bucket(
      List<String> aliases,
      long objects,
      long bytes,
      long uploads,
      @Nullable WebsiteConfig website,
      Quotas quotas,
      List<BucketKey> keys) {
    return new BucketInfo(
        A,
        CREATED,
        aliases,
        website != null,
        website,
        keys,
        objects,
        bytes,
        uploads,
        uploads,
        0,
        0,
        quotas);
  }

  private static Permissions permissions(int read, int write, int owner) {
    return Permissions.of(read == 1, write == 1, owner == 1);
  }
}
