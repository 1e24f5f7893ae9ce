package garage.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.api.BucketRequest;
import garage.admin.api.BucketRequest.NewLocalAlias;
import garage.admin.api.BucketResponse;
import garage.admin.api.BucketResponse.BucketInfo;
import garage.admin.api.BucketResponse.BucketKey;
import garage.admin.api.ClusterRequest;
import garage.admin.api.ClusterResponse;
import garage.admin.api.KeyRequest;
import garage.admin.api.KeyRequest.KeyChange;
import garage.admin.api.KeyRequest.KeyPermissionChange;
import garage.admin.api.KeyResponse.KeyInfo;
import garage.admin.api.KeyResponse.KeySummary;
import garage.admin.api.LayoutParameters;
import garage.admin.api.LayoutRequest;
import garage.admin.api.LayoutResponse;
import garage.admin.api.NodeAnswers;
import garage.admin.api.NodeRequest;
import garage.admin.api.NodeResponse;
import garage.admin.api.Nothing;
import garage.admin.api.Permissions;
import garage.admin.api.RoleChange;
import garage.admin.api.ZoneRedundancy;
import garage.common.env.Address;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.common.id.Uuid;
import garage.layout.Epoch;
import garage.layout.LayoutPhase;
import garage.model.object.Versioning;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.PeerInfo;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every operation of the admin API, over real tables in memory. */
class AdminServiceTest {
  private static final NodeId DOWN = new NodeId(new Bytes32(7, 0, 0, 0));
  private static final String SECRET = "ab".repeat(32);

  // --- layout

  @Test
  void aRoleIsStagedPreviewedAndApplied() {
    onNode(
        1,
        node -> {
          RoleChange role = RoleChange.assign(self(node), "dc1", List.of("a"), 1_000_000L);
          LayoutResponse.Layout staged = node.ask(stage(role));
          assertEquals(0, staged.version());
          assertEquals(List.of(), staged.roles());
          assertEquals(List.of(role), staged.stagedRoleChanges());

          LayoutResponse.Preview preview =
              node.ask(new LayoutRequest.PreviewClusterLayoutChanges());
          assertNull(preview.error());
          LayoutResponse.Layout previewed = preview.newLayout();
          assertNotNull(previewed);
          assertEquals(1, previewed.version());

          LayoutResponse.Applied applied = node.ask(new LayoutRequest.ApplyClusterLayout(1));
          assertEquals(preview.message(), applied.message());
          assertTrue(applied.message().getFirst().startsWith("===="), "a report");
          LayoutResponse.NodeRole only = applied.layout().roles().getFirst();
          assertEquals("dc1", only.zone());
          assertEquals(1_000_000L, only.capacity());
          assertEquals(256L, only.storedPartitions());
          assertEquals(256 * applied.layout().partitionSize(), only.usableCapacity());
          assertEquals(List.of(), applied.layout().stagedRoleChanges());
          assertEquals(previewed, applied.layout());
          assertEquals(applied.layout(), node.ask(new LayoutRequest.GetClusterLayout()));
        });
  }

  @Test
  void aWrongVersionIsNotApplied() {
    onNode(
        1,
        node -> {
          node.ask(stage(RoleChange.assign(self(node), "dc1", List.of(), 1_000_000L)));
          assertEquals("InvalidRequest 400", node.refusal(new LayoutRequest.ApplyClusterLayout(2)));
          assertEquals(0, node.ask(new LayoutRequest.GetClusterLayout()).version());
        });
  }

  @Test
  void tooFewNodesAreReportedByThePreviewAndRefusedByTheApplication() {
    onNode(
        3,
        node -> {
          node.ask(stage(RoleChange.assign(self(node), "dc1", List.of(), 1_000_000L)));
          String error = node.ask(new LayoutRequest.PreviewClusterLayoutChanges()).error();
          assertNotNull(error);
          assertTrue(error.contains("replication factor (3)"), error);
          assertEquals("InvalidRequest 400", node.refusal(new LayoutRequest.ApplyClusterLayout(1)));
        });
  }

  @Test
  void parametersAreStagedAndReverted() {
    onNode(
        3,
        node -> {
          LayoutParameters two = new LayoutParameters(new ZoneRedundancy.AtLeast(2), null);
          LayoutResponse.Layout staged = node.ask(new LayoutRequest.UpdateClusterLayout(null, two));
          assertEquals(two, staged.stagedParameters());
          assertEquals(new ZoneRedundancy.Maximum(), staged.parameters().zoneRedundancy());

          LayoutParameters one = new LayoutParameters(new ZoneRedundancy.AtLeast(1), 1);
          assertEquals(
              one, node.ask(new LayoutRequest.UpdateClusterLayout(null, one)).stagedParameters());

          assertNull(node.ask(new LayoutRequest.RevertClusterLayout()).stagedParameters());
          assertEquals(
              "InvalidRequest 400",
              node.refusal(
                  new LayoutRequest.UpdateClusterLayout(
                      null, new LayoutParameters(new ZoneRedundancy.AtLeast(4), null))));
        });
  }

  @Test
  void aRoleThatIsNoneIsNotStaged() {
    onNode(
        1,
        node -> {
          String id = self(node);
          for (RoleChange change :
              List.of(
                  RoleChange.assign("xyz", "dc1", List.of(), 2000L),
                  RoleChange.assign(id, "dc1", List.of(), 1000L),
                  RoleChange.assign(id, "dc1", List.of(), -1L),
                  new RoleChange(id, null, null, null, 2000L),
                  RoleChange.removal(id))) {
            assertEquals("InvalidRequest 400", node.refusal(stage(change)), change.toString());
          }
          assertFalse(node.ask(new LayoutRequest.GetClusterLayout()).hasStaged());
        });
  }

  @Test
  void aVersionThatMovesNothingIsInForceAtOnce() {
    onNode(
        1,
        node -> {
          node.settles = false;
          layOut(node);
          node.ask(stage(RoleChange.assign(self(node), "dc2", List.of(), 2_000_000L)));
          node.ask(new LayoutRequest.ApplyClusterLayout(2));
          assertEquals(new Epoch(2, LayoutPhase.STABLE), node.epochs.getLast());

          node.ask(stage(RoleChange.assign(DOWN.toString(), "dc1", List.of(), 1_000_000L)));
          node.ask(new LayoutRequest.ApplyClusterLayout(3));
          assertEquals(new Epoch(3, LayoutPhase.COPY), node.epochs.getLast());
          assertEquals("COPY", node.ask(new LayoutRequest.GetClusterLayoutHistory()).phase());
          assertEquals("InvalidRequest 400", node.refusal(new LayoutRequest.ApplyClusterLayout(4)));
        });
  }

  @Test
  void theHistoryListsTheNewestVersionFirst() {
    onNode(
        1,
        node -> {
          layOut(node);
          node.ask(stage(RoleChange.assign(self(node), "dc1", List.of(), 2_000_000L)));
          node.ask(new LayoutRequest.ApplyClusterLayout(2));

          LayoutResponse.History history = node.ask(new LayoutRequest.GetClusterLayoutHistory());

          assertEquals(2, history.currentVersion());
          assertEquals(2, history.minAck());
          assertEquals(
              List.of(
                  new LayoutResponse.Version(2, "Current", 1, 0),
                  new LayoutResponse.Version(1, "Historical", 1, 0)),
              history.versions());
          assertNull(history.phase());
        });
  }

  // --- cluster

  @Test
  void theStatusShowsEveryNodeWithItsRoleAndSpace() {
    onNode(
        1,
        node -> {
          node.others.add(down(node));
          ClusterResponse.Status before = node.ask(new ClusterRequest.GetClusterStatus());
          assertEquals(0, before.layoutVersion());
          assertEquals(2, before.nodes().size());

          layOut(node);
          ClusterResponse.Status status = node.ask(new ClusterRequest.GetClusterStatus());

          ClusterResponse.Node me = row(status, self(node));
          assertTrue(me.isUp());
          assertEquals("garage-0", me.hostname());
          assertEquals("9.9", me.garageVersion());
          assertNull(me.lastSeenSecsAgo());
          assertEquals(new ClusterResponse.Role("dc1", List.of(), 1_000_000L), me.role());
          assertEquals(new ClusterResponse.Space(30, 40), me.dataPartition());
          ClusterResponse.Node other = row(status, DOWN.toString());
          assertFalse(other.isUp());
          assertEquals(90L, other.lastSeenSecsAgo());
          assertEquals("old", other.hostname());
          assertNull(other.role());
        });
  }

  @Test
  void healthFollowsTheNodesThatAreUp() {
    onNode(
        1,
        node -> {
          assertEquals("unavailable", node.cluster.health().status());

          layOut(node);
          assertEquals(
              new ClusterResponse.Health("healthy", 1, 1, 1, 1, 256, 256, 256),
              node.ask(new ClusterRequest.GetClusterHealth()));

          node.others.add(down(node));
          node.ask(stage(RoleChange.assign(DOWN.toString(), "dc1", List.of(), 1_000_000L)));
          node.ask(new LayoutRequest.ApplyClusterLayout(2));
          ClusterResponse.Health health = node.cluster.health();
          assertEquals("unavailable", health.status());
          assertEquals(128, health.partitionsQuorum());
          assertEquals(2, health.storageNodes());
          assertEquals(1, health.storageNodesOk());
          assertEquals(2, health.knownNodes());
        });
  }

  @Test
  void connectingAnswersForEachPeer() {
    onNode(
        1,
        node -> {
          ClusterResponse.Connections made =
              node.ask(new ClusterRequest.ConnectClusterNodes(List.of("b:2", "b:1", "nonsense")));

          assertEquals(List.of(PeerAddress.parse("b:2")), node.connected);
          assertEquals(
              List.of(true, false, false),
              made.connections().stream().map(ClusterResponse.Connection::success).toList());
          assertEquals("nobody is at b:1", made.connections().get(1).error());
        });
  }

  @Test
  void nodesAreChosenForTheirInfoByAPatternOfTheirIds() {
    onNode(
        1,
        node -> {
          node.others.add(down(node));
          NodeAnswers<NodeResponse.NodeInfo> self = node.ask(new NodeRequest.GetNodeInfo("self"));
          assertEquals(Set.of(self(node)), self.success().keySet());
          assertEquals(
              List.of("Java 25"),
              self.success().values().stream().map(NodeResponse.NodeInfo::rustVersion).toList());
          assertEquals(self, node.ask(new NodeRequest.GetNodeInfo(self(node).substring(0, 5))));
          assertEquals("InvalidRequest 400", node.refusal(new NodeRequest.GetNodeInfo("zz")));

          layOut(node);
          node.ask(stage(RoleChange.assign(DOWN.toString(), "dc1", List.of(), 1_000_000L)));
          node.ask(new LayoutRequest.ApplyClusterLayout(2));
          NodeAnswers<NodeResponse.NodeInfo> all = node.ask(new NodeRequest.GetNodeInfo("*"));
          assertEquals(Set.of(self(node)), all.success().keySet());
          assertEquals(Set.of(DOWN.toString()), all.error().keySet());
        });
  }

  // --- keys

  @Test
  void aKeyIsMadeFoundChangedAndDeleted() {
    onStorage(node -> {
      KeyInfo made = node.ask(KeyRequest.CreateKey.named("lakehouse-access"));
      assertTrue(made.accessKeyId().matches("GK[0-9a-f]{24}"), made.accessKeyId());
      String secret = made.secretAccessKey();
      assertNotNull(secret);
      assertTrue(secret.matches("[0-9a-f]{64}"), "64 hex digits");

      String id = made.accessKeyId();
      for (String pattern : List.of(id, id.substring(0, 9), "Lakehouse-Access")) {
        KeyInfo found = node.ask(new KeyRequest.GetKeyInfo(null, pattern, null));
        assertEquals(id, found.accessKeyId());
        assertNull(found.secretAccessKey());
      }
      assertEquals(
          made.secretAccessKey(),
          node.ask(new KeyRequest.GetKeyInfo(id, null, true)).secretAccessKey());

      Instant end = node.clock.now().plus(Duration.ofHours(1));
      KeyInfo changed =
          node.ask(
              new KeyRequest.UpdateKey(
                  id, new KeyChange("b", null, end, null, new KeyPermissionChange(true), null)));
      assertEquals("b", changed.name());
      assertEquals(end, changed.expiration());
      assertFalse(changed.expired());
      assertTrue(changed.permissions().createBucket());
      node.clock.sleep(Duration.ofHours(2));
      assertTrue(node.ask(new KeyRequest.ListKeys()).keys().getFirst().expired());
      KeyInfo back =
          node.ask(
              new KeyRequest.UpdateKey(
                  id, new KeyChange(null, null, null, true, null, new KeyPermissionChange(true))));
      assertNull(back.expiration());
      assertFalse(back.permissions().createBucket());
      assertEquals("b", back.name());

      assertEquals(new Nothing(), node.ask(new KeyRequest.DeleteKey(id)));
      assertEquals("NoSuchAccessKey 404", node.refusal(new KeyRequest.GetKeyInfo(id, null, null)));
      assertEquals(List.of(), node.ask(new KeyRequest.ListKeys()).keys());
    });
  }

  @Test
  void aKeyHasACanonicalIdAndPerhapsAnEmailAddress() {
    onStorage(node -> {
      KeyInfo made = node.ask(KeyRequest.CreateKey.named("a"));
      assertTrue(made.canonicalId().matches("[0-9a-f]{64}"), made.canonicalId());
      assertNull(made.email());
      String id = made.accessKeyId();
      String address = "a@example.org";
      var given =
          new KeyRequest.UpdateKey(id, new KeyChange(null, address, null, null, null, null));
      assertEquals(address, node.ask(given).email());
      var wrong =
          new KeyRequest.UpdateKey(id, new KeyChange(null, "a b@c", null, null, null, null));
      assertEquals("InvalidRequest 400", node.refusal(wrong));
      KeyInfo found = node.ask(new KeyRequest.GetKeyInfo(id, null, null));
      assertEquals(address, found.email());
      assertEquals(made.canonicalId(), found.canonicalId());
      var taken = new KeyRequest.UpdateKey(id, new KeyChange(null, "", null, null, null, null));
      assertNull(node.ask(taken).email());
    });
  }

  @Test
  void aPatternMustMatchOneKey() {
    onStorage(node -> {
      node.ask(KeyRequest.CreateKey.named("a"));
      node.ask(KeyRequest.CreateKey.named("a"));

      assertEquals("InvalidRequest 400", node.refusal(new KeyRequest.GetKeyInfo(null, "a", null)));
      assertEquals("InvalidRequest 400", node.refusal(new KeyRequest.GetKeyInfo(null, "b", null)));
      assertEquals("InvalidRequest 400", node.refusal(new KeyRequest.GetKeyInfo(null, null, null)));
      assertEquals(2, names(node).size());
    });
  }

  @Test
  void aKeyIsImportedOnceForEver() {
    onStorage(node -> {
      String id = "GK" + "0".repeat(24);
      KeyInfo imported = node.ask(new KeyRequest.ImportKey(id, SECRET, null));
      assertEquals("Imported key", imported.name());
      assertNull(imported.secretAccessKey());
      assertEquals(SECRET, node.ask(new KeyRequest.GetKeyInfo(id, null, true)).secretAccessKey());

      KeyRequest.ImportKey again = new KeyRequest.ImportKey(id, SECRET, null);
      assertEquals("KeyAlreadyExists 409", node.refusal(again));
      node.ask(new KeyRequest.DeleteKey(id));
      assertEquals("KeyAlreadyExists 409", node.refusal(again));
      assertEquals("InvalidRequest 400", node.refusal(new KeyRequest.ImportKey("X", SECRET, null)));
    });
  }

  @Test
  void aKeyDoesNotBothExpireAndNeverExpire() {
    onStorage(node -> {
      assertEquals(
          "InvalidRequest 400",
          node.refusal(new KeyRequest.CreateKey("a", node.clock.now(), true, null, null)));
      assertEquals(List.of(), node.ask(new KeyRequest.ListKeys()).keys());
    });
  }

  // --- buckets

  @Test
  void aBucketIsMadeFoundAndDeleted() {
    onStorage(node -> {
      BucketInfo made = node.ask(new BucketRequest.CreateBucket("lakehouse", null));
      assertEquals(List.of("lakehouse"), made.globalAliases());
      assertEquals(0, made.objects());

      String id = made.id();
      for (BucketRequest.GetBucketInfo find :
          List.of(
              new BucketRequest.GetBucketInfo(id, null, null),
              new BucketRequest.GetBucketInfo(null, "lakehouse", null),
              new BucketRequest.GetBucketInfo(null, null, "lakehouse"),
              new BucketRequest.GetBucketInfo(null, null, id),
              new BucketRequest.GetBucketInfo(null, null, id.substring(0, 16)))) {
        assertEquals(id, node.ask(find).id());
      }
      assertEquals(
          "NoSuchBucket 404", node.refusal(new BucketRequest.GetBucketInfo(null, null, "no")));
      assertEquals(
          "NoSuchBucket 404", node.refusal(new BucketRequest.GetBucketInfo(null, id, null)));
      assertEquals(
          "InvalidRequest 400", node.refusal(new BucketRequest.GetBucketInfo("x", null, null)));
      assertEquals(
          "BucketAlreadyExists 409",
          node.refusal(new BucketRequest.CreateBucket("lakehouse", null)));
      assertEquals(
          "InvalidBucketName 400", node.refusal(new BucketRequest.CreateBucket("No", null)));

      node.ask(new BucketRequest.DeleteBucket(id));
      assertEquals(
          "NoSuchBucket 404",
          node.refusal(new BucketRequest.GetBucketInfo(null, null, "lakehouse")));
      assertEquals(List.of(), node.ask(new BucketRequest.ListBuckets()).buckets());
    });
  }

  @Test
  void everythingThatIsKnownOfAKeyIsShown() {
    onStorage(node -> {
      String bucket = node.ask(new BucketRequest.CreateBucket("lakehouse", null)).id();
      Uuid id = Uuid.parse(bucket);
      node.put(id, "a", Versioning.ENABLED);
      node.clock.sleep(Duration.ofSeconds(1));
      node.put(id, "a", Versioning.ENABLED);
      node.put(id, "ab", Versioning.NONE);
      node.beginUpload(id, "a");
      BucketResponse.ObjectInfo a = node.ask(new BucketRequest.InspectObject(bucket, "a"));
      assertEquals("a", a.key());
      assertEquals(
          List.of(false, false, true),
          a.versions().stream().map(BucketResponse.ObjectVersionInfo::uploading).toList());
      assertEquals(3, a.versions().getFirst().size());
      assertTrue(a.versions().getFirst().inline());
      assertEquals("etag", a.versions().getFirst().etag());
      assertTrue(
          a.versions().getFirst().timestamp().isAfter(a.versions().get(1).timestamp()),
          "the latest is first");
      assertEquals(
          List.of("null"),
          node.ask(new BucketRequest.InspectObject(bucket, "ab")).versions().stream()
              .map(BucketResponse.ObjectVersionInfo::uuid)
              .toList());
      assertEquals("NoSuchKey 404", node.refusal(new BucketRequest.InspectObject(bucket, "abc")));
      assertEquals(
          "NoSuchBucket 404", node.refusal(new BucketRequest.InspectObject("00".repeat(32), "a")));
    });
  }

  @Test
  void aBucketThatHoldsObjectsIsCountedAndNotDeleted() {
    onStorage(node -> {
      String id = node.ask(new BucketRequest.CreateBucket("lakehouse", null)).id();
      node.put(Uuid.parse(id), "a");
      node.put(Uuid.parse(id), "b");

      BucketInfo info = node.ask(new BucketRequest.GetBucketInfo(id, null, null));
      assertEquals(2, info.objects());
      assertEquals(6, info.bytes());
      assertEquals("BucketNotEmpty 409", node.refusal(new BucketRequest.DeleteBucket(id)));
    });
  }

  @Test
  void permissionsAreGivenAndTakenOneByOne() {
    onStorage(node -> {
      String bucket = node.ask(new BucketRequest.CreateBucket("lakehouse", null)).id();
      String key = node.ask(KeyRequest.CreateKey.named("k")).accessKeyId();

      node.ask(new BucketRequest.AllowBucketKey(bucket, key, new Permissions(true, null, null)));
      BucketInfo both =
          node.ask(
              new BucketRequest.AllowBucketKey(bucket, key, Permissions.of(false, true, false)));
      assertEquals(
          List.of(new BucketKey(key, "k", Permissions.of(true, true, false), List.of())),
          both.keys());
      assertEquals(
          List.of("lakehouse"),
          node.ask(new KeyRequest.GetKeyInfo(key, null, null))
              .buckets()
              .getFirst()
              .globalAliases());

      BucketInfo one =
          node.ask(
              new BucketRequest.DenyBucketKey(bucket, key, Permissions.of(true, false, false)));
      assertEquals(Permissions.of(false, true, false), one.keys().getFirst().permissions());

      node.ask(new KeyRequest.DeleteKey(key));
      assertEquals(List.of(), node.ask(new BucketRequest.GetBucketInfo(bucket, null, null)).keys());
      assertEquals(
          "NoSuchAccessKey 404",
          node.refusal(
              new BucketRequest.AllowBucketKey(bucket, key, Permissions.of(true, true, true))));
    });
  }

  @Test
  void namesAreAddedAndTakenAwayButNotTheLast() {
    onStorage(node -> {
      String bucket = node.ask(new BucketRequest.CreateBucket("first", null)).id();
      String key = node.ask(KeyRequest.CreateKey.named("k")).accessKeyId();
      node.ask(new BucketRequest.CreateBucket("other", null));

      node.ask(new BucketRequest.AddBucketAlias(bucket, "second", null, null));
      BucketInfo three = node.ask(new BucketRequest.AddBucketAlias(bucket, null, key, "mine"));
      assertEquals(Set.of("first", "second"), Set.copyOf(three.globalAliases()));
      assertEquals(List.of("mine"), three.keys().getFirst().bucketLocalAliases());
      assertEquals(
          "BucketAlreadyExists 409",
          node.refusal(new BucketRequest.AddBucketAlias(bucket, "other", null, null)));
      assertEquals(
          "InvalidRequest 400",
          node.refusal(new BucketRequest.AddBucketAlias(bucket, "x12", key, "y12")));

      node.ask(new BucketRequest.RemoveBucketAlias(bucket, "first", null, null));
      node.ask(new BucketRequest.RemoveBucketAlias(bucket, null, key, "mine"));
      assertEquals(
          "InvalidRequest 400",
          node.refusal(new BucketRequest.RemoveBucketAlias(bucket, "second", null, null)));
      assertEquals(
          "InvalidRequest 400",
          node.refusal(new BucketRequest.RemoveBucketAlias(bucket, "other", null, null)));
    });
  }

  @Test
  void aBucketIsMadeWithANameOfAKeysOwn() {
    onStorage(node -> {
      String key = node.ask(KeyRequest.CreateKey.named("k")).accessKeyId();
      BucketInfo made =
          node.ask(
              new BucketRequest.CreateBucket(
                  "lakehouse", new NewLocalAlias(key, "mine", Permissions.of(true, true, true))));
      assertEquals(
          List.of(new BucketKey(key, "k", Permissions.of(true, true, true), List.of("mine"))),
          made.keys());
    });
  }

  @Test
  void quotasAreSetAndTakenAway() {
    onStorage(node -> {
      String bucket = node.ask(new BucketRequest.CreateBucket("lakehouse", null)).id();
      BucketRequest.Quotas limits = new BucketRequest.Quotas(1000L, 5L);
      assertEquals(limits, node.ask(limit(bucket, limits)).quotas());
      assertEquals(limits, node.ask(new BucketRequest.GetBucketInfo(bucket, null, null)).quotas());
      BucketRequest.Quotas none = new BucketRequest.Quotas(null, null);
      assertEquals(none, node.ask(limit(bucket, none)).quotas());
      assertEquals(
          "InvalidRequest 400", node.refusal(limit(bucket, new BucketRequest.Quotas(-1L, null))));
    });
  }

  private static BucketRequest.UpdateBucket limit(String bucket, BucketRequest.Quotas quotas) {
    return new BucketRequest.UpdateBucket(bucket, new BucketRequest.BucketChange(null, quotas));
  }

  @Test
  void uploadsThatWereBegunLongAgoAreGivenUp() {
    onStorage(node -> {
      String bucket = node.ask(new BucketRequest.CreateBucket("lakehouse", null)).id();
      node.beginUpload(Uuid.parse(bucket), "old");
      node.clock.sleep(Duration.ofHours(2));
      node.beginUpload(Uuid.parse(bucket), "new");
      BucketRequest.CleanupIncompleteUploads hour =
          new BucketRequest.CleanupIncompleteUploads(bucket, 3600);
      assertEquals(1, node.ask(hour).uploadsDeleted());
      assertEquals(0, node.ask(hour).uploadsDeleted());
      assertEquals(
          1, node.ask(new BucketRequest.CleanupIncompleteUploads(bucket, 0)).uploadsDeleted());
      assertEquals(
          "InvalidRequest 400",
          node.refusal(new BucketRequest.CleanupIncompleteUploads(bucket, -1)));
    });
  }

  @Test
  void aBucketIsMadeAWebSiteAndNoLongerOne() {
    onStorage(node -> {
      String bucket = node.ask(new BucketRequest.CreateBucket("lakehouse", null)).id();
      BucketResponse.BucketInfo info = node.ask(website(bucket, true, "index.html", "404.html"));
      assertTrue(info.websiteAccess());
      assertEquals(
          new BucketResponse.WebsiteConfig("index.html", "404.html"), info.websiteConfig());
      assertEquals("InvalidRequest 400", node.refusal(website(bucket, true, null, null)));
      assertEquals("InvalidRequest 400", node.refusal(website(bucket, true, "a/b", null)));
      assertEquals("InvalidRequest 400", node.refusal(website(bucket, false, "a", null)));
      info = node.ask(website(bucket, false, null, null));
      assertFalse(info.websiteAccess());
      assertNull(info.websiteConfig());
    });
  }

  private static BucketRequest.UpdateBucket website(
      String bucket, boolean enabled, @Nullable String index, @Nullable String error) {
    return new BucketRequest.UpdateBucket(
        bucket,
        new BucketRequest.BucketChange(
            new BucketRequest.WebsiteChange(enabled, index, error), null));
  }

  @Test
  void withoutALayoutChangesAreUnavailable() {
    onNode(
        1,
        node ->
            assertEquals("ServiceUnavailable 503", node.refusal(KeyRequest.CreateKey.named("k"))));
  }

  // --- JSON

  @Test
  void requestsComeAsJsonAndAnswersGoAsJson() {
    onStorage(node -> {
      AdminCalls.Reply made =
          node.calls.call("CreateBucket", "{\"globalAlias\":\"lakehouse\"}", node.soon());
      assertEquals(200, made.status());
      assertTrue(made.json().contains("\"globalAliases\": [\n    \"lakehouse\"\n  ]"));

      assertEquals(
          new AdminCalls.Reply(
              404,
              """
              {
                "code": "NoSuchBucket",
                "message": "Bucket not found: no",
                "region": "garage",
                "path": "/v2/GetBucketInfo"
              }\
              """),
          node.calls.call("GetBucketInfo", "{\"search\":\"no\"}", node.soon()));
      assertEquals(400, node.calls.call("Nonsense", "null", node.soon()).status());
      assertEquals(400, node.calls.call("ListKeys", "{", node.soon()).status());
    });
  }

  private static void onNode(int copies, Consumer<TestNode> test) {
    Simulation.run(1, simulation -> test.accept(new TestNode(simulation, copies)));
  }

  private static void onStorage(Consumer<TestNode> test) {
    onNode(
        1,
        node -> {
          layOut(node);
          test.accept(node);
        });
  }

  private static void layOut(TestNode node) {
    node.ask(stage(RoleChange.assign(self(node), "dc1", List.of(), 1_000_000L)));
    node.ask(new LayoutRequest.ApplyClusterLayout(1));
  }

  private static LayoutRequest.UpdateClusterLayout stage(RoleChange change) {
    return new LayoutRequest.UpdateClusterLayout(List.of(change), null);
  }

  private static String self(TestNode node) {
    return node.self().toString();
  }

  private static PeerInfo down(TestNode node) {
    return new PeerInfo(
        DOWN,
        new Address("10.9.9.9", 3901),
        "old",
        false,
        node.clock.now().minus(Duration.ofSeconds(90)),
        null);
  }

  private static ClusterResponse.Node row(ClusterResponse.Status status, String id) {
    return status.nodes().stream().filter(n -> n.id().equals(id)).findFirst().orElseThrow();
  }

  private static Set<String> names(TestNode node) {
    return node.ask(new KeyRequest.ListKeys()).keys().stream()
        .map(KeySummary::id)
        .collect(Collectors.toSet());
  }
}
