package garage.admin.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.api.AdminEndpoint;
import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.admin.api.BucketRequest;
import garage.admin.api.BucketResponse;
import garage.admin.api.ClusterRequest;
import garage.admin.api.ClusterResponse;
import garage.admin.api.KeyRequest;
import garage.admin.api.KeyResponse;
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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The JSON that tools written for the original read and write, field name by field name. */
class AdminJsonTest {
  private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");

  @Test
  void clusterStatus() {
    checkResponse(
        AdminEndpoint.GET_CLUSTER_STATUS,
        new ClusterResponse.Status(
            1,
            List.of(
                new ClusterResponse.Node(
                    "aa",
                    "0.1.0",
                    "10.0.0.1:3901",
                    "host",
                    true,
                    null,
                    new ClusterResponse.Role("dc", List.of("t"), 10L),
                    false,
                    new ClusterResponse.Space(1, 2),
                    null))),
        """
        {
          "layoutVersion": 1,
          "nodes": [
            {
              "id": "aa",
              "garageVersion": "0.1.0",
              "addr": "10.0.0.1:3901",
              "hostname": "host",
              "isUp": true,
              "lastSeenSecsAgo": null,
              "role": {
                "zone": "dc",
                "tags": [
                  "t"
                ],
                "capacity": 10
              },
              "draining": false,
              "dataPartition": {
                "available": 1,
                "total": 2
              },
              "metadataPartition": null
            }
          ]
        }\
        """);
  }

  @Test
  void clusterHealth() {
    checkResponse(
        AdminEndpoint.GET_CLUSTER_HEALTH,
        new ClusterResponse.Health("healthy", 3, 2, 1, 1, 256, 255, 254),
        """
        {
          "status": "healthy",
          "knownNodes": 3,
          "connectedNodes": 2,
          "storageNodes": 1,
          "storageNodesOk": 1,
          "partitions": 256,
          "partitionsQuorum": 255,
          "partitionsAllOk": 254
        }\
        """);
  }

  @Test
  void connectClusterNodes() {
    checkRequest(
        new ClusterRequest.ConnectClusterNodes(List.of("a@b:1")),
        """
        [
          "a@b:1"
        ]\
        """);
    checkResponse(
        AdminEndpoint.CONNECT_CLUSTER_NODES,
        new ClusterResponse.Connections(List.of(new ClusterResponse.Connection(false, "why"))),
        """
        [
          {
            "success": false,
            "error": "why"
          }
        ]\
        """);
  }

  @Test
  void clusterLayout() {
    checkResponse(
        AdminEndpoint.GET_CLUSTER_LAYOUT,
        new LayoutResponse.Layout(
            2,
            List.of(
                new LayoutResponse.NodeRole("aa", "dc", List.of(), 1000L, 256L, 900L),
                new LayoutResponse.NodeRole("bb", "dc", List.of(), null, null, null)),
            new LayoutParameters(new ZoneRedundancy.Maximum(), null),
            7,
            List.of(
                RoleChange.removal("aa"),
                RoleChange.assign("bb", "z", List.of("x"), 5000L),
                RoleChange.assign("cc", "z", List.of(), null)),
            new LayoutParameters(new ZoneRedundancy.AtLeast(2), null)),
        """
        {
          "version": 2,
          "roles": [
            {
              "id": "aa",
              "zone": "dc",
              "tags": [],
              "capacity": 1000,
              "storedPartitions": 256,
              "usableCapacity": 900
            },
            {
              "id": "bb",
              "zone": "dc",
              "tags": [],
              "capacity": null,
              "storedPartitions": null,
              "usableCapacity": null
            }
          ],
          "parameters": {
            "zoneRedundancy": "maximum"
          },
          "partitionSize": 7,
          "stagedRoleChanges": [
            {
              "id": "aa",
              "remove": true
            },
            {
              "id": "bb",
              "zone": "z",
              "tags": [
                "x"
              ],
              "capacity": 5000
            },
            {
              "id": "cc",
              "zone": "z",
              "tags": []
            }
          ],
          "stagedParameters": {
            "zoneRedundancy": {
              "atLeast": 2
            }
          }
        }\
        """);
  }

  @Test
  void layoutChanges() {
    checkRequest(
        new LayoutRequest.UpdateClusterLayout(
            null, new LayoutParameters(new ZoneRedundancy.AtLeast(3), null)),
        """
        {
          "roles": null,
          "parameters": {
            "zoneRedundancy": {
              "atLeast": 3
            }
          }
        }\
        """);
    checkRequest(
        new LayoutRequest.UpdateClusterLayout(
            null, new LayoutParameters(new ZoneRedundancy.Maximum(), 3)),
        """
        {
          "roles": null,
          "parameters": {
            "zoneRedundancy": "maximum",
            "replicationFactor": 3
          }
        }\
        """);
    checkRequest(
        new LayoutRequest.ApplyClusterLayout(4),
        """
        {
          "version": 4
        }\
        """);
    checkResponse(
        AdminEndpoint.PREVIEW_CLUSTER_LAYOUT_CHANGES,
        new LayoutResponse.Preview("too few nodes", null, null),
        """
        {
          "error": "too few nodes",
          "message": null,
          "newLayout": null
        }\
        """);
  }

  @Test
  void layoutHistory() {
    checkResponse(
        AdminEndpoint.GET_CLUSTER_LAYOUT_HISTORY,
        new LayoutResponse.History(
            2,
            1,
            List.of(new LayoutResponse.Version(2, "Current", 3, 1)),
            Map.of("aa", new LayoutResponse.Trackers(2, 1, 0)),
            "COPY",
            new LayoutResponse.Progress(
                256,
                3,
                null,
                List.of(new LayoutResponse.Part("rows", 1, 2)),
                List.of("aa"),
                List.of()),
            List.of(new LayoutResponse.Departed("bb", 0, true))),
        """
        {
          "currentVersion": 2,
          "minAck": 1,
          "versions": [
            {
              "version": 2,
              "status": "Current",
              "storageNodes": 3,
              "gatewayNodes": 1
            }
          ],
          "updateTrackers": {
            "aa": {
              "ack": 2,
              "sync": 1,
              "syncAck": 0
            }
          },
          "phase": "COPY",
          "progress": {
            "partitions": 256,
            "partitionsReady": 3,
            "secondsLeft": null,
            "parts": [
              {
                "name": "rows",
                "done": 1,
                "remaining": 2
              }
            ],
            "waitingFor": [
              "aa"
            ],
            "silent": []
          },
          "departed": [
            {
              "id": "bb",
              "partitions": 0,
              "mayBeSwitchedOff": true
            }
          ]
        }\
        """);
  }

  @Test
  void keys() {
    checkResponse(
        AdminEndpoint.LIST_KEYS,
        new KeyResponse.Keys(
            List.of(new KeyResponse.KeySummary("GK1", "name", CREATED, null, false))),
        """
        [
          {
            "id": "GK1",
            "name": "name",
            "created": "2026-01-02T03:04:05Z",
            "expiration": null,
            "expired": false
          }
        ]\
        """);
    checkResponse(
        AdminEndpoint.GET_KEY_INFO,
        new KeyResponse.KeyInfo(
            "GK1",
            "name",
            "c0ffee",
            "a@b",
            CREATED,
            null,
            false,
            "secret",
            new KeyResponse.KeyPermissions(true),
            List.of(
                new KeyResponse.KeyBucket(
                    "bb", List.of("g"), List.of("l"), Permissions.of(true, false, true)))),
        """
        {
          "accessKeyId": "GK1",
          "name": "name",
          "canonicalId": "c0ffee",
          "email": "a@b",
          "created": "2026-01-02T03:04:05Z",
          "expiration": null,
          "expired": false,
          "secretAccessKey": "secret",
          "permissions": {
            "createBucket": true
          },
          "buckets": [
            {
              "id": "bb",
              "globalAliases": [
                "g"
              ],
              "localAliases": [
                "l"
              ],
              "permissions": {
                "read": true,
                "write": false,
                "owner": true
              }
            }
          ]
        }\
        """);
    checkRequest(
        new KeyRequest.UpdateKey(
            "GK1",
            new KeyRequest.KeyChange(
                "n", null, CREATED, null, new KeyRequest.KeyPermissionChange(true), null)),
        """
        {
          "id": "GK1",
          "body": {
            "name": "n",
            "email": null,
            "expiration": "2026-01-02T03:04:05Z",
            "neverExpires": null,
            "allow": {
              "createBucket": true
            },
            "deny": null
          }
        }\
        """);
  }

  @Test
  void buckets() {
    checkResponse(
        AdminEndpoint.LIST_BUCKETS,
        new BucketResponse.Buckets(
            List.of(
                new BucketResponse.BucketSummary(
                    "bb",
                    CREATED,
                    List.of("g"),
                    List.of(new BucketResponse.LocalAlias("GK1", "l"))))),
        """
        [
          {
            "id": "bb",
            "created": "2026-01-02T03:04:05Z",
            "globalAliases": [
              "g"
            ],
            "localAliases": [
              {
                "accessKeyId": "GK1",
                "alias": "l"
              }
            ]
          }
        ]\
        """);
    checkResponse(
        AdminEndpoint.GET_BUCKET_INFO,
        new BucketResponse.BucketInfo(
            "bb",
            CREATED,
            List.of("g"),
            false,
            null,
            List.of(
                new BucketResponse.BucketKey(
                    "GK1", "name", Permissions.of(true, true, false), List.of())),
            1,
            2,
            3,
            4,
            5,
            6,
            new BucketRequest.Quotas(null, 9L)),
        """
        {
          "id": "bb",
          "created": "2026-01-02T03:04:05Z",
          "globalAliases": [
            "g"
          ],
          "websiteAccess": false,
          "websiteConfig": null,
          "keys": [
            {
              "accessKeyId": "GK1",
              "name": "name",
              "permissions": {
                "read": true,
                "write": true,
                "owner": false
              },
              "bucketLocalAliases": []
            }
          ],
          "objects": 1,
          "bytes": 2,
          "unfinishedUploads": 3,
          "unfinishedMultipartUploads": 4,
          "unfinishedMultipartUploadParts": 5,
          "unfinishedMultipartUploadBytes": 6,
          "quotas": {
            "maxSize": null,
            "maxObjects": 9
          }
        }\
        """);
    checkRequest(
        new BucketRequest.AllowBucketKey("bb", "GK1", new Permissions(true, null, null)),
        """
        {
          "bucketId": "bb",
          "accessKeyId": "GK1",
          "permissions": {
            "read": true,
            "write": null,
            "owner": null
          }
        }\
        """);
  }

  @Test
  void nodeInfo() {
    checkResponse(
        AdminEndpoint.GET_NODE_INFO,
        new NodeAnswers<>(
            Map.of("aa", new NodeResponse.NodeInfo("aa", "0.1.0", null, "Java 25", "rocksdb")),
            Map.of("bb", "unreachable")),
        """
        {
          "success": {
            "aa": {
              "nodeId": "aa",
              "garageVersion": "0.1.0",
              "garageFeatures": null,
              "rustVersion": "Java 25",
              "dbEngine": "rocksdb"
            }
          },
          "error": {
            "bb": "unreachable"
          }
        }\
        """);
  }

  @Test
  void anAnswerOfNothingIsNull() {
    checkResponse(AdminEndpoint.DELETE_KEY, new Nothing(), "null");
  }

  @Test
  void everyEndpointFindsItsRequestByNameAndByType() {
    for (AdminEndpoint endpoint : AdminEndpoint.values()) {
      assertEquals(endpoint, AdminEndpoint.named(endpoint.wireName()).orElseThrow());
      assertEquals(endpoint.request().getSimpleName(), endpoint.wireName());
    }
  }

  @Test
  void aRequestWithoutFieldsMayComeWithoutAValue() {
    assertEquals(new KeyRequest.ListKeys(), AdminJson.readRequest(AdminEndpoint.LIST_KEYS, "null"));
    assertEquals(new KeyRequest.ListKeys(), AdminJson.readRequest(AdminEndpoint.LIST_KEYS, "{}"));
  }

  @Test
  void overHttpFieldsComeFromTheQueryAndTheBody() {
    assertEquals(
        new KeyRequest.GetKeyInfo(null, "name", true),
        AdminJson.readRequest(
            AdminEndpoint.GET_KEY_INFO,
            Map.of("search", "name", "showSecretKey", "true", "id", "", "other", "x"),
            ""));
    assertEquals(
        new KeyRequest.DeleteKey("GK1"),
        AdminJson.readRequest(AdminEndpoint.DELETE_KEY, Map.of("id", "GK1"), ""));
    assertEquals(
        new KeyRequest.UpdateKey(
            "GK1", new KeyRequest.KeyChange("n", null, null, null, null, null)),
        AdminJson.readRequest(AdminEndpoint.UPDATE_KEY, Map.of("id", "GK1"), "{\"name\": \"n\"}"));
    assertEquals(
        new LayoutRequest.UpdateClusterLayout(
            null, new LayoutParameters(new ZoneRedundancy.Maximum(), 5)),
        AdminJson.readRequest(
            AdminEndpoint.UPDATE_CLUSTER_LAYOUT,
            Map.of(),
            "{\"parameters\": {\"zoneRedundancy\": \"maximum\", \"replicationFactor\": 5}}"));
    assertEquals(
        new ClusterRequest.ConnectClusterNodes(List.of("x:1")),
        AdminJson.readRequest(AdminEndpoint.CONNECT_CLUSTER_NODES, Map.of(), "[\"x:1\"]"));
    assertEquals(
        "parameter 'showSecretKey' must be true or false",
        failure(() ->
            AdminJson.readRequest(AdminEndpoint.GET_KEY_INFO, Map.of("showSecretKey", "1"), "")));
  }

  @Test
  void aRequestThatDoesNotFitIsRefusedWithTheFieldsName() {
    assertInvalid("{}", "field 'bucketId' is missing");
    assertInvalid("[]", "the value must be an object");
    assertInvalid("{\"bucketId\": 1}", "field 'bucketId' must be a string");
    assertInvalid(
        "{\"bucketId\":\"b\",\"accessKeyId\":\"k\",\"permissions\":{\"raed\":true}}",
        "field 'permissions.raed' is not known");
    assertInvalid(
        "{\"bucketId\":\"b\",\"accessKeyId\":\"k\",\"permissions\":{\"read\":1}}",
        "field 'permissions.read' must be a boolean");
    assertInvalid("{\"bucketId\":", "");
    assertInvalid("{} {}", "there is something after the value");
    assertInvalid("", "there is no value");
    assertInvalid("{\"a\":1,\"a\":2}", "");
    assertInvalid("[".repeat(100_000), "");
    assertInvalid("{\"bucketId\":99999999999999999999}", "is too large");
  }

  @Test
  void aMemberThatIsNullSaysNothing() {
    assertEquals(
        new NodeRequest.GetNodeInfo("*"),
        AdminJson.readRequest(AdminEndpoint.GET_NODE_INFO, "{\"node\":\"*\",\"body\":null}"));
  }

  @Test
  void aDateIsReadWithAnyOffset() {
    assertEquals(
        new KeyRequest.CreateKey(null, CREATED, null, null, null),
        AdminJson.readRequest(
            AdminEndpoint.CREATE_KEY, "{\"expiration\":\"2026-01-02T05:04:05+02:00\"}"));
    assertTrue(
        failure(() -> AdminJson.readRequest(AdminEndpoint.CREATE_KEY, "{\"expiration\":\"x\"}"))
            .contains("field 'expiration' must be a date"));
  }

  @Test
  void anAnswerOfALaterVersionIsRead() {
    assertEquals(
        new ClusterResponse.Status(1, List.of()),
        AdminJson.readResponse(
            AdminEndpoint.GET_CLUSTER_STATUS, "{\"layoutVersion\":1,\"nodes\":[],\"more\":{}}"));
  }

  @Test
  void anErrorTravelsWithItsCodeAndMessage() {
    AdminError error = AdminError.noSuchBucket("b");

    String body = AdminJson.writeError(error, "garage", "/v2/GetBucketInfo");

    assertEquals(
        """
        {
          "code": "NoSuchBucket",
          "message": "Bucket not found: b",
          "region": "garage",
          "path": "/v2/GetBucketInfo"
        }\
        """,
        body);
    assertEquals(error, AdminJson.readError(404, body));
  }

  @Test
  void secretsAreNotInTheTextForLogs() {
    assertEquals("ImportKey[GK1]", new KeyRequest.ImportKey("GK1", "secret", null).toString());
    assertEquals(
        "KeyInfo[GK1]",
        new KeyResponse.KeyInfo(
                "GK1",
                "",
                "c0ffee",
                null,
                null,
                null,
                false,
                "secret",
                new KeyResponse.KeyPermissions(false),
                List.of())
            .toString());
  }

  private static void checkRequest(AdminRequest<?> request, String json) {
    assertEquals(json, AdminJson.write((Record) request));
    assertEquals(request, AdminJson.readRequest(AdminEndpoint.of(request), json));
  }

  private static void checkResponse(AdminEndpoint endpoint, AdminResponse response, String json) {
    assertEquals(json, AdminJson.write((Record) response));
    assertEquals(response, AdminJson.readResponse(endpoint, json));
  }

  private static void assertInvalid(String json, String problem) {
    String message = failure(() -> AdminJson.readRequest(AdminEndpoint.ALLOW_BUCKET_KEY, json));
    assertTrue(message.startsWith("Invalid JSON: "), message);
    assertTrue(message.endsWith(problem), message);
  }

  private static String failure(Runnable reading) {
    AdminFailure failure = assertThrows(AdminFailure.class, reading::run);
    assertEquals(400, failure.error().status());
    return failure.error().message();
  }
}
