package garage.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.api.AdminClient;
import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminError;
import garage.admin.api.AdminRequest;
import garage.admin.api.BucketRequest;
import garage.admin.api.BucketResponse;
import garage.admin.api.ClusterRequest;
import garage.admin.api.ClusterResponse;
import garage.admin.api.KeyRequest;
import garage.admin.api.KeyResponse;
import garage.admin.api.LayoutParameters;
import garage.admin.api.LayoutRequest;
import garage.admin.api.LayoutResponse;
import garage.admin.api.Nothing;
import garage.admin.api.Permissions;
import garage.admin.api.RoleChange;
import garage.admin.api.ZoneRedundancy;
import garage.common.env.Clock;
import garage.common.error.GarageException;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The commands as users and scripts type them: which requests they become, what they print and how
 * they end. The daemon is a fake; the tables themselves are tested beside their formatters.
 */
class GarageCliTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final String NODE_0 = "0a".repeat(32);
  private static final String NODE_1 = "1b".repeat(32);
  private static final String NODE_2 = "2c".repeat(32);
  private static final String BUCKET = "bb".repeat(32);
  private static final String KEY = "GK0123456789abcdef01234567";
  private static final String SECRET = "5e".repeat(32);

  private final FakeDaemon daemon = new FakeDaemon();
  private LocalNode localNode = new LocalNode(NODE_0, null);
  private String input = "";
  private String out = "";
  private String err = "";

  @Test
  void statusShowsTheNodesAsTheGuidesPipelineExpects() {
    daemon.answers(AdminEndpoint.GET_CLUSTER_STATUS, status(node(NODE_0, null)));
    daemon.answers(AdminEndpoint.GET_CLUSTER_LAYOUT, layout(List.of(), List.of()));
    daemon.answers(
        AdminEndpoint.GET_CLUSTER_LAYOUT_HISTORY,
        new LayoutResponse.History(0, 0, List.of(), null, null, null, List.of()));

    assertEquals(0, run("status"));

    List<String> lines = out.lines().toList();
    int title = lines.indexOf("==== HEALTHY NODES ====");
    // grep -A 2 "HEALTHY NODES" | tail -1 | awk '{print $1}'
    assertEquals("0a0a0a0a0a0a0a0a", lines.get(title + 2).split(" +", -1)[0]);
    assertTrue(lines.get(title + 2).contains("NO ROLE ASSIGNED"), out);
    assertEquals(1, daemon.closed);
  }

  @Test
  void statusAsJsonIsTheAnswerOfTheApi() {
    daemon.answers(AdminEndpoint.GET_CLUSTER_STATUS, status());

    assertEquals(0, run("status", "--json"));

    assertEquals("{\n  \"layoutVersion\": 0,\n  \"nodes\": []\n}\n", out);
  }

  @Test
  void nodeIdPrintsOneLineAndInstructionsBesideIt() {
    assertEquals(0, run("node", "id"));
    assertEquals(NODE_0 + "\n", out);
    assertTrue(err.contains("garage node connect"), err);

    localNode = new LocalNode(NODE_0, "garage-0:3901");
    assertEquals(0, run("node", "id", "-q"));
    assertEquals(NODE_0 + "@garage-0:3901\n", out);
    assertEquals("", err);
    assertEquals(List.of(), daemon.asked);
  }

  @Test
  void nodeConnectSaysWhetherItWorked() {
    daemon.answers(
        AdminEndpoint.CONNECT_CLUSTER_NODES,
        new ClusterResponse.Connections(List.of(new ClusterResponse.Connection(true, null))));
    assertEquals(0, run("node", "connect", "a@b:1"));
    assertEquals("Success.\n", out);

    daemon.answers(
        AdminEndpoint.CONNECT_CLUSTER_NODES,
        new ClusterResponse.Connections(List.of(new ClusterResponse.Connection(false, "no way"))));
    assertEquals(1, run("node", "connect", "a@b:1"));
    assertEquals("Error: Failure: no way\n", err);
  }

  @Test
  void layoutAssignTakesTheGuidesForms() {
    layoutOf(List.of(), List.of(), node(NODE_0, null), node(NODE_1, null));

    assertEquals(0, run("layout", "assign", "-z", "garage-dc", "-c", "10G", "0a0a0a0a0a0a0a0a"));

    assertEquals(
        update(RoleChange.assign(NODE_0, "garage-dc", List.of(), 10_000_000_000L)), last());
    assertEquals(3, out.lines().count());
    assertTrue(out.contains("garage layout show") && out.contains("garage layout apply"), out);

    assertEquals(0, run("layout", "assign", "-z", "dc", "-c", "10G", NODE_1 + "@garage-1:3901"));
    assertEquals(update(RoleChange.assign(NODE_1, "dc", List.of(), 10_000_000_000L)), last());
  }

  @Test
  void layoutAssignConnectsToANodeThatIsNotKnownYet() {
    layoutOf(List.of(), List.of(), node(NODE_0, null));
    daemon.answers(
        AdminEndpoint.CONNECT_CLUSTER_NODES,
        new ClusterResponse.Connections(List.of(new ClusterResponse.Connection(true, null))));

    assertEquals(0, run("layout", "assign", "-z", "dc", "-c", "1T", NODE_2 + "@garage-2:3901"));

    assertTrue(
        daemon.asked.contains(
            new ClusterRequest.ConnectClusterNodes(List.of(NODE_2 + "@garage-2:3901"))));
    assertEquals(update(RoleChange.assign(NODE_2, "dc", List.of(), 1_000_000_000_000L)), last());
  }

  @Test
  void layoutAssignKeepsWhatIsNotGiven() {
    layoutOf(
        List.of(role(NODE_0, "dc1", List.of("a"), 5000L)),
        List.of(RoleChange.assign(NODE_1, "dc2", List.of("b"), 6000L)),
        node(NODE_0, null),
        node(NODE_1, null));

    assertEquals(0, run("layout", "assign", "0a", "1b", "-t", "new", "--tag", "more"));
    assertEquals(
        update(
            RoleChange.assign(NODE_0, "dc1", List.of("new", "more"), 5000L),
            RoleChange.assign(NODE_1, "dc2", List.of("new", "more"), 6000L)),
        last());

    assertEquals(0, run("layout", "assign", "-g", "0a"));
    assertEquals(update(RoleChange.assign(NODE_0, "dc1", List.of("a"), null)), last());
  }

  @Test
  void layoutAssignReplacesADeadNodeByANewOne() {
    layoutOf(List.of(role(NODE_0, "dc1", List.of("a"), 5000L)), List.of(), node(NODE_1, null));

    assertEquals(0, run("layout", "assign", "1b", "--replace", "0a"));

    assertEquals(
        update(RoleChange.removal(NODE_0), RoleChange.assign(NODE_1, "dc1", List.of("a"), 5000L)),
        last());
  }

  @Test
  void layoutAssignRefusesWhatMakesNoRole() {
    layoutOf(List.of(), List.of(), node(NODE_0, null), node("0b".repeat(32), null));

    assertFails("2 nodes match '0'", "layout", "assign", "-z", "z", "-c", "1G", "0");
    assertFails("0 nodes match 'ff'", "layout", "assign", "-z", "z", "-c", "1G", "ff");
    assertFails("has no zone yet: give one with -z", "layout", "assign", "-c", "1G", "0a");
    assertFails("has no capacity yet", "layout", "assign", "-z", "z", "0a");
    assertFails("either -c or -g", "layout", "assign", "-z", "z", "-c", "1G", "-g", "0a");
    assertFails("at least 1 KiB", "layout", "assign", "-z", "z", "-c", "1023", "0a");
    assertFails("is not a size", "layout", "assign", "-z", "z", "-c", "lots", "0a");
    assertFails("could be replaced", "layout", "assign", "-z", "z", "0a", "--replace", "0b");
  }

  @Test
  void layoutRemoveStagesARemoval() {
    layoutOf(List.of(role(NODE_0, "dc1", List.of(), 5000L)), List.of(), node(NODE_1, null));

    assertEquals(0, run("layout", "remove", "0a"));
    assertEquals(update(RoleChange.removal(NODE_0)), last());
    assertFails("has no role", "layout", "remove", "1b");
  }

  @Test
  void layoutConfigStagesTheRedundancy() {
    daemon.answers(AdminEndpoint.UPDATE_CLUSTER_LAYOUT, layout(List.of(), List.of()));

    assertEquals(0, run("layout", "config", "-r", "none"));
    assertEquals(parameters(new ZoneRedundancy.AtLeast(1)), last());
    assertEquals(0, run("layout", "config", "--redundancy", "max"));
    assertEquals(parameters(new ZoneRedundancy.Maximum()), last());
    assertEquals("Zone redundancy is staged to be maximum.\n", out);
    assertEquals(0, run("layout", "config", "-r", "2"));
    assertEquals(parameters(new ZoneRedundancy.AtLeast(2)), last());
    daemon.answers(AdminEndpoint.GET_CLUSTER_LAYOUT, layout(List.of(), List.of()));
    assertEquals(0, run("layout", "config", "--replication-factor", "3"));
    assertEquals(
        new LayoutRequest.UpdateClusterLayout(
            null, new LayoutParameters(new ZoneRedundancy.Maximum(), 3)),
        last());
    assertEquals("The replication factor is staged to be 3.\n", out);
    assertFails("not 'two'", "layout", "config", "-r", "two");
    assertFails("nothing to change", "layout", "config");
  }

  @Test
  void layoutApplyNeedsTheNumberThatShowGives() {
    daemon.answers(
        AdminEndpoint.APPLY_CLUSTER_LAYOUT,
        new LayoutResponse.Applied(
            List.of("==== REPORT ====", "fine"), layout(List.of(), List.of())));

    assertEquals(0, run("layout", "apply", "--version", "1"));
    assertEquals(new LayoutRequest.ApplyClusterLayout(1), last());
    assertTrue(out.startsWith("==== REPORT ====\nfine\n"), out);
    assertFails("give the number of the new layout with --version", "layout", "apply");

    daemon.refuses(
        AdminEndpoint.APPLY_CLUSTER_LAYOUT, AdminError.internalError("Invalid new layout version"));
    assertEquals(1, run("layout", "apply", "--version", "7"));
    assertEquals(
        "Error: ApplyClusterLayout returned InternalError (500): Invalid new layout version\n",
        err);
  }

  @Test
  void layoutRevertAsksForYes() {
    daemon.answers(AdminEndpoint.REVERT_CLUSTER_LAYOUT, layout(List.of(), List.of()));

    assertFails("add --yes", "layout", "revert");
    assertEquals(0, run("layout", "revert", "--yes"));
    assertEquals(new LayoutRequest.RevertClusterLayout(), last());
  }

  @Test
  void layoutShowPreviewsWhatIsStaged() {
    LayoutResponse.Layout staged =
        layout(List.of(), List.of(RoleChange.assign(NODE_0, "dc", List.of(), 1000L)));
    daemon.answers(AdminEndpoint.GET_CLUSTER_LAYOUT, staged);
    daemon.answers(
        AdminEndpoint.PREVIEW_CLUSTER_LAYOUT_CHANGES,
        new LayoutResponse.Preview(
            null,
            List.of("the report"),
            layout(List.of(role(NODE_0, "dc", List.of(), 1000L)), List.of())));

    assertEquals(0, run("layout", "show"));
    assertTrue(out.contains("\n    garage layout apply --version 1\n"), out);

    daemon.answers(AdminEndpoint.GET_CLUSTER_LAYOUT, layout(List.of(), List.of()));
    int before = daemon.asked.size();
    assertEquals(0, run("layout", "show"));
    assertEquals(before + 1, daemon.asked.size());
  }

  @Test
  void bucketCommandsFindTheBucketByItsName() {
    daemon.answers(AdminEndpoint.GET_BUCKET_INFO, bucket(List.of("lakehouse"), List.of()));
    daemon.answers(AdminEndpoint.CREATE_BUCKET, bucket(List.of("lakehouse"), List.of()));
    daemon.answers(AdminEndpoint.DELETE_BUCKET, new Nothing());

    assertEquals(0, run("bucket", "create", "lakehouse"));
    assertEquals(new BucketRequest.CreateBucket("lakehouse", null), last());
    assertEquals(0, run("bucket", "info", "lakehouse"));
    assertEquals(new BucketRequest.GetBucketInfo(null, null, "lakehouse"), last());
    assertTrue(out.contains("==== BUCKET INFORMATION ===="), out);
    assertEquals(0, run("bucket", "delete", "lakehouse"));
    assertEquals(new BucketRequest.DeleteBucket(BUCKET), last());
    assertEquals("Bucket " + BUCKET + " is deleted.\n", out);
    assertEquals(0, run("bucket", "delete", "lakehouse", "--yes"));
  }

  @Test
  void aBucketWithOtherNamesIsDeletedByItsIdOnly() {
    daemon.answers(AdminEndpoint.GET_BUCKET_INFO, bucket(List.of("a", "b"), List.of()));
    daemon.answers(AdminEndpoint.DELETE_BUCKET, new Nothing());

    assertFails("has other names too", "bucket", "delete", "a");
    assertEquals(0, run("bucket", "delete", BUCKET));
  }

  @Test
  void bucketAllowTakesItsWordsInAnyOrder() {
    daemon.answers(AdminEndpoint.GET_BUCKET_INFO, bucket(List.of("lakehouse"), List.of()));
    daemon.answers(AdminEndpoint.GET_KEY_INFO, key(null, List.of()));
    daemon.answers(AdminEndpoint.ALLOW_BUCKET_KEY, bucket(List.of("lakehouse"), List.of()));
    daemon.answers(AdminEndpoint.DENY_BUCKET_KEY, bucket(List.of("lakehouse"), List.of()));
    AdminRequest<?> readWrite =
        new BucketRequest.AllowBucketKey(BUCKET, KEY, Permissions.of(true, true, false));

    assertEquals(0, run("bucket", "allow", "--read", "--write", "lakehouse", "--key", "access"));
    assertEquals(readWrite, last());
    assertEquals(0, run("bucket", "allow", "lakehouse", "--key", "access", "--write", "--read"));
    assertEquals(readWrite, last());
    assertEquals(0, run("bucket", "deny", "--owner", "--key", "access", "lakehouse"));
    assertEquals(
        new BucketRequest.DenyBucketKey(BUCKET, KEY, Permissions.of(false, false, true)), last());
    assertTrue(daemon.asked.contains(new KeyRequest.GetKeyInfo(null, "access", null)));
    assertFails("nothing to change", "bucket", "allow", "lakehouse", "--key", "access");
  }

  @Test
  void bucketAliasesAreGlobalOrOfOneKey() {
    daemon.answers(AdminEndpoint.GET_BUCKET_INFO, bucket(List.of("a"), List.of()));
    daemon.answers(
        AdminEndpoint.GET_KEY_INFO,
        key(
            null,
            List.of(
                new KeyResponse.KeyBucket(
                    BUCKET, List.of("a"), List.of("mine"), Permissions.of(true, true, true)))));
    daemon.answers(AdminEndpoint.ADD_BUCKET_ALIAS, bucket(List.of("a"), List.of()));
    daemon.answers(AdminEndpoint.REMOVE_BUCKET_ALIAS, bucket(List.of("a"), List.of()));

    assertEquals(0, run("bucket", "alias", "a", "b"));
    assertEquals(new BucketRequest.AddBucketAlias(BUCKET, "b", null, null), last());
    assertEquals(0, run("bucket", "alias", "--local", "k", "a", "mine"));
    assertEquals(new BucketRequest.AddBucketAlias(BUCKET, null, KEY, "mine"), last());
    assertEquals(0, run("bucket", "unalias", "a"));
    assertEquals(new BucketRequest.RemoveBucketAlias(BUCKET, "a", null, null), last());
    assertEquals(0, run("bucket", "unalias", "mine", "--local", "k"));
    assertEquals(new BucketRequest.RemoveBucketAlias(BUCKET, null, KEY, "mine"), last());
    assertFails("knows no bucket as 'other'", "bucket", "unalias", "other", "--local", "k");
  }

  @Test
  void keyCreatePrintsTheGuidesLinesAndTheOthersAndTheIdOnce() {
    daemon.answers(AdminEndpoint.CREATE_KEY, key(SECRET, List.of()));

    assertEquals(0, run("key", "create", "lakehouse-access"));

    assertEquals(KeyRequest.CreateKey.named("lakehouse-access"), last());
    assertTrue(
        out.startsWith(
            """
            Key created:
            Name: lakehouse-access
            Access Key ID: %s
            Secret Access Key: %s
            """
                .formatted(KEY, SECRET)),
        out);
    assertEquals(1, out.split(KEY, -1).length - 1);
    assertTrue(out.replaceAll(" +", " ").contains("Secret key: " + SECRET), out);
  }

  @Test
  void theOlderFormsOfKeyCreateStillWork() {
    daemon.answers(AdminEndpoint.CREATE_KEY, key(SECRET, List.of()));

    assertEquals(0, run("key", "new", "--name", "x"));
    assertEquals(KeyRequest.CreateKey.named("x"), last());
    assertEquals(0, run("key", "new", "y"));
    assertEquals(KeyRequest.CreateKey.named("y"), last());
    assertEquals(0, run("key", "create"));
    assertEquals(KeyRequest.CreateKey.named("Unnamed key"), last());
    assertEquals(0, run("key", "create", "z", "--expires-in", "2 days"));
    assertEquals(
        new KeyRequest.CreateKey("z", NOW.plus(Duration.ofDays(2)), null, null, null), last());
  }

  @Test
  void keyCommandsFindTheKeyByItsPattern() {
    daemon.answers(AdminEndpoint.GET_KEY_INFO, key(null, List.of()));
    daemon.answers(AdminEndpoint.UPDATE_KEY, key(null, List.of()));
    daemon.answers(AdminEndpoint.DELETE_KEY, new Nothing());
    daemon.answers(AdminEndpoint.IMPORT_KEY, key(null, List.of()));

    assertEquals(0, run("key", "info", "lake"));
    assertEquals(new KeyRequest.GetKeyInfo(null, "lake", null), last());
    assertTrue(out.contains("(redacted)"), out);
    assertEquals(0, run("key", "info", "lake", "--show-secret"));
    assertEquals(new KeyRequest.GetKeyInfo(null, "lake", true), last());
    assertEquals(0, run("key", "rename", "lake", "sea"));
    assertEquals(
        new KeyRequest.UpdateKey(
            KEY, new KeyRequest.KeyChange("sea", null, null, null, null, null)),
        last());
    assertEquals(0, run("key", "allow", "lake", "--create-bucket"));
    assertEquals(
        new KeyRequest.UpdateKey(
            KEY,
            new KeyRequest.KeyChange(
                null, null, null, null, new KeyRequest.KeyPermissionChange(true), null)),
        last());
    assertEquals(0, run("key", "deny", "--create-bucket", "lake"));
    assertFails("nothing to change", "key", "allow", "lake");
    assertEquals(0, run("key", "set", "lake", "--never-expires"));
    assertEquals(
        new KeyRequest.UpdateKey(KEY, new KeyRequest.KeyChange(null, null, null, true, null, null)),
        last());
    assertEquals(0, run("key", "set", "lake", "--email", "a@b"));
    assertEquals(
        new KeyRequest.UpdateKey(
            KEY, new KeyRequest.KeyChange(null, "a@b", null, null, null, null)),
        last());
    assertFails("nothing to change", "key", "set", "lake");
    assertFails("give either", "key", "set", "lake", "--expires-in", "6h", "--never-expires");
    assertEquals(0, run("key", "delete", "lake"));
    assertEquals(new KeyRequest.DeleteKey(KEY), last());
    assertEquals(0, run("key", "import", KEY, SECRET, "-n", "x", "--yes"));
    assertEquals(new KeyRequest.ImportKey(KEY, SECRET, "x"), last());
    assertFails("add --yes", "key", "import", KEY, SECRET);
  }

  @Test
  void jsonApiPassesAnythingThrough() {
    daemon.answers(AdminEndpoint.GET_KEY_INFO, key(null, List.of()));
    daemon.answers(AdminEndpoint.LIST_KEYS, new KeyResponse.Keys(List.of()));

    assertEquals(0, run("json-api", "ListKeys"));
    assertEquals("[]", out);
    assertEquals(0, run("json-api", "GetKeyInfo", "{\"id\":\"GK1\"}"));
    assertEquals(new KeyRequest.GetKeyInfo("GK1", null, null), last());
    input = "{\"search\":\"x\"}";
    assertEquals(0, run("json-api", "GetKeyInfo", "-"));
    assertEquals(new KeyRequest.GetKeyInfo(null, "x", null), last());
    assertEquals(1, run("json-api", "NoSuchThing"));
    assertEquals("Error: InvalidRequest (400): no NoSuchThing\n", err);
  }

  @Test
  void aRefusalNamesTheEndpointTheCodeAndTheStatus() {
    daemon.refuses(AdminEndpoint.GET_BUCKET_INFO, AdminError.noSuchBucket("nope"));

    assertEquals(1, run("bucket", "info", "nope"));

    assertEquals("", out);
    assertEquals("Error: GetBucketInfo returned NoSuchBucket (404): Bucket not found: nope\n", err);
    assertEquals(1, run("bucket", "info", "nope", "--json"));
    assertTrue(err.startsWith("Error: GetBucketInfo returned NoSuchBucket"), err);
  }

  @Test
  void aNodeThatCannotBeReachedIsOneLine() {
    int code =
        run(
            new Environment() {
              @Override
              public AdminClient connect(GlobalOptions options) {
                throw new GarageException.Unreachable("nobody listens on 127.0.0.1:3901");
              }
            },
            "status");

    assertEquals(1, code);
    assertEquals("Error: nobody listens on 127.0.0.1:3901\n", err);
  }

  @Test
  void wordsThatMakeNoCommandGetTheUsage() {
    assertEquals(1, run("layuot", "show"));
    assertTrue(err.startsWith("Error: ") && err.contains("Usage: garage"), err);
    assertEquals(1, run("layout"));
    assertTrue(err.contains("Usage: garage layout"), err);
    assertEquals(1, run());
    assertTrue(err.contains("Usage: garage"), err);
    assertEquals(1, run("bucket", "allow", "x"));
    assertTrue(err.contains("--key"), err);
    assertEquals("", out);
  }

  @Test
  void helpAndVersionAreUnderstoodEverywhereButWhereTheyMeanSomethingElse() {
    assertEquals(0, run("--version"));
    assertEquals("garage 9.9\n", out);
    assertEquals(0, run("bucket", "list", "--version"));
    assertEquals("garage 9.9\n", out);
    assertEquals(0, run("--help"));
    assertTrue(out.contains("json-api"), out);
    assertEquals(0, run("layout", "assign", "--help"));
    assertTrue(out.contains("--capacity"), out);
    assertEquals(List.of(), daemon.asked);
  }

  @Test
  void theOptionsBeforeTheCommandReachTheConnection() {
    daemon.answers(AdminEndpoint.LIST_KEYS, new KeyResponse.Keys(List.of()));
    String[] seen = {""};
    Environment environment =
        new Environment() {
          @Override
          public AdminClient connect(GlobalOptions options) {
            seen[0] = options.given().toString();
            return daemon;
          }
        };

    assertEquals(0, run(environment, "-c", "/x.toml", "-h", "id@h:1", "-s", "ab", "key", "list"));

    assertEquals("{config=/x.toml, rpc-host=id@h:1, rpc-secret=ab}", seen[0]);
  }

  private int run(String... arguments) {
    return run(new Environment(), arguments);
  }

  private int run(CliEnvironment environment, String... arguments) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    Console console =
        new Console(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintWriter(outText),
            new PrintWriter(errText),
            ZoneOffset.UTC);
    int code = new GarageCli(environment, console, "9.9").run(arguments);
    out = outText.toString();
    err = errText.toString();
    return code;
  }

  private void assertFails(String message, String... arguments) {
    int before = daemon.asked.size();
    assertEquals(1, run(arguments), Arrays.toString(arguments));
    assertTrue(err.startsWith("Error: ") && err.contains(message), err);
    assertEquals(1, err.lines().count());
    assertTrue(
        daemon.asked.stream()
            .skip(before)
            .allMatch(asked -> AdminEndpoint.of(asked).method() == AdminEndpoint.Method.GET),
        "something was changed");
  }

  private AdminRequest<?> last() {
    return daemon.asked.getLast();
  }

  private void layoutOf(
      List<LayoutResponse.NodeRole> roles, List<RoleChange> staged, ClusterResponse.Node... nodes) {
    daemon.answers(AdminEndpoint.GET_CLUSTER_STATUS, status(nodes));
    daemon.answers(AdminEndpoint.GET_CLUSTER_LAYOUT, layout(roles, staged));
    daemon.answers(AdminEndpoint.UPDATE_CLUSTER_LAYOUT, layout(roles, staged));
  }

  private static LayoutRequest.UpdateClusterLayout update(RoleChange... changes) {
    return new LayoutRequest.UpdateClusterLayout(List.of(changes), null);
  }

  private static LayoutRequest.UpdateClusterLayout parameters(ZoneRedundancy redundancy) {
    return new LayoutRequest.UpdateClusterLayout(null, new LayoutParameters(redundancy, null));
  }

  private static ClusterResponse.Status status(ClusterResponse.Node... nodes) {
    return new ClusterResponse.Status(0, List.of(nodes));
  }

  private static ClusterResponse.Node node(String id, ClusterResponse.@Nullable Role role) {
    return new ClusterResponse.Node(
        id, "9.9", "10.0.0.1:3901", "host", true, null, role, false, null, null);
  }

  private static LayoutResponse.NodeRole role(
      String id, String zone, List<String> tags, Long capacity) {
    return new LayoutResponse.NodeRole(id, zone, tags, capacity, 256L, capacity);
  }

  private static LayoutResponse.Layout layout(
      List<LayoutResponse.NodeRole> roles, List<RoleChange> staged) {
    return new LayoutResponse.Layout(
        0, roles, new LayoutParameters(new ZoneRedundancy.Maximum(), null), 0, staged, null);
  }

  private static BucketResponse.BucketInfo bucket(
      List<String> aliases, List<BucketResponse.BucketKey> keys) {
    return new BucketResponse.BucketInfo(
        BUCKET,
        NOW,
        aliases,
        false,
        null,
        keys,
        0,
        0,
        0,
        0,
        0,
        0,
        new BucketRequest.Quotas(null, null));
  }

  private static KeyResponse.KeyInfo key(
      @Nullable String secret, List<KeyResponse.KeyBucket> buckets) {
    return new KeyResponse.KeyInfo(
        KEY,
        "lakehouse-access",
        "c0ffee",
        null,
        NOW,
        null,
        false,
        secret,
        new KeyResponse.KeyPermissions(false),
        buckets);
  }

  private class Environment implements CliEnvironment {
    @Override
    public AdminClient connect(GlobalOptions options) {
      return daemon;
    }

    @Override
    public LocalNode localNode(GlobalOptions options) {
      return localNode;
    }

    @Override
    public Clock clock() {
      return new StoppedClock(NOW);
    }
  }
}
