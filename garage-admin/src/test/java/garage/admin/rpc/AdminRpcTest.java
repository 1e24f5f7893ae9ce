package garage.admin.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.AdminCalls;
import garage.admin.api.AdminClient;
import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.admin.api.KeyRequest;
import garage.admin.api.KeyResponse;
import garage.common.env.Deadline;
import garage.rpc.CallOptions;
import garage.rpc.Priority;
import garage.rpc.handshake.ClusterSecret;
import garage.rpc.peering.Mesh;
import garage.rpc.peering.MeshEnvironment;
import garage.rpc.peering.RpcSettings;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The way from a command's request to the daemon's answer and back. */
class AdminRpcTest {
  private static final KeyResponse.Keys KEYS =
      new KeyResponse.Keys(
          List.of(new KeyResponse.KeySummary("GK1", "n\u00e4me", null, null, false)));

  @Test
  void anAnswerComesBackAsItWas() {
    withClient(client -> assertEquals(KEYS, client.call(new KeyRequest.ListKeys())));
  }

  @Test
  void jsonIsPassedThroughUnchanged() {
    withClient(client -> {
      String json = client.json("ListKeys", "null");
      assertTrue(json.startsWith("[\n  {\n    \"id\": \"GK1\""), json);
      assertEquals(json, client.json(new KeyRequest.ListKeys()));
    });
  }

  @Test
  void aRefusalComesBackWithItsCodeStatusAndMessage() {
    withClient(client -> {
      AdminFailure failure =
          assertThrows(AdminFailure.class, () -> client.call(new KeyRequest.DeleteKey("GK1")));
      assertEquals(AdminError.noSuchAccessKey("GK1"), failure.error());
    });
  }

  private static AdminResponse handle(AdminRequest<?> request, Deadline deadline) {
    if (request instanceof KeyRequest.DeleteKey(String id)) {
      throw new AdminFailure(AdminError.noSuchAccessKey(id));
    }
    return KEYS;
  }

  private static void withClient(Consumer<AdminClient> test) {
    Simulation.run(
        1,
        simulation -> {
          SimNode node = simulation.node("garage-0");
          Mesh mesh = mesh(node);
          AdminRpc.serve(mesh, new AdminCalls(AdminRpcTest::handle, "garage", node.clock()));
          CallOptions options =
              new CallOptions(Priority.URGENT, Deadline.after(node.clock(), Duration.ofSeconds(5)));
          test.accept(
              new JsonAdminClient(
                  call -> mesh.call(mesh.self(), AdminCall.ENDPOINT, call, options), () -> {}));
        });
  }

  private static Mesh mesh(SimNode node) {
    return new Mesh(
        node.id(),
        RpcSettings.of(
            ClusterSecret.parse("5e".repeat(32)), node.address(3901), List.of(), "garage-0"),
        new MeshEnvironment(
            node.clock(), node.tasks(), node.random(), node.network(), node.disk("m")));
  }
}
