package garage.rpc.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Promise;
import garage.common.env.Tasks;
import garage.common.env.system.SystemClock;
import garage.common.env.system.SystemDisk;
import garage.common.env.system.SystemRandom;
import garage.common.env.system.SystemTasks;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.handshake.ClusterSecret;
import garage.rpc.handshake.NodeIdentity;
import garage.rpc.jdk.RpcClient;
import garage.rpc.peering.Mesh;
import garage.rpc.peering.MeshEnvironment;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.PeerListener;
import garage.rpc.peering.RpcSettings;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole nodes' meshes over real TLS on loopback, with the engines of this machine and the JDK's.
 */
final class LoopbackMeshTest {
  private static final Endpoint<String, String> ECHO =
      new Endpoint<>(
          "test/echo", VersionedCodec.first(Codec.STRING), VersionedCodec.first(Codec.STRING));
  private static final ClusterSecret SECRET = ClusterSecret.parse("5e".repeat(32));
  private static final Address ANY_PORT = new Address("127.0.0.1", 0);

  private final Clock clock = new SystemClock();
  private final Tasks tasks = new SystemTasks();
  private final ArrayDeque<AutoCloseable> opened = new ArrayDeque<>();
  @TempDir private Path directory;

  private record Node(Mesh mesh, NodeIdentity identity) {
    PeerAddress peerAddress() {
      return new PeerAddress(identity.id(), mesh.address());
    }
  }

  @AfterEach
  void closeAll() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  private Node start(String name, ClusterSecret secret, boolean nativeEngines, PeerAddress... to) {
    SystemDisk disk = new SystemDisk(directory.resolve(name));
    NodeIdentity identity = NodeIdentity.loadOrCreate(disk);
    NettyNetwork network =
        new NettyNetwork(identity, new NettySettings(1, nativeEngines, null), clock, tasks);
    opened.push(network);
    Mesh mesh =
        new Mesh(
            identity.id(),
            RpcSettings.of(secret, ANY_PORT, List.of(to), name),
            new MeshEnvironment(clock, tasks, new SystemRandom(), network, disk));
    mesh.serve(
        ECHO,
        (from, request, deadline) ->
            new Payload<>(name + " says " + request.value(), request.attachment()));
    mesh.start();
    opened.push(mesh);
    return new Node(mesh, identity);
  }

  private void awaitUp(Mesh mesh, NodeId peer) {
    Promise<NodeId> up = new Promise<>(clock);
    mesh.listen(
        new PeerListener() {
          @Override
          public void connected(NodeId id) {
            if (id.equals(peer)) {
              up.complete(id);
            }
          }

          @Override
          public void lost(NodeId id) {}
        });
    if (!mesh.isUp(peer)) {
      up.await(soon());
    }
  }

  private Deadline soon() {
    return Deadline.after(clock, Duration.ofSeconds(20));
  }

  private CallOptions client() {
    return new CallOptions(Priority.CLIENT, soon());
  }

  @Test
  void twoNodesFindEachOtherAndCallBothWays() {
    Node a = start("a", SECRET, true);
    Node b = start("b", SECRET, true, new PeerAddress(null, a.mesh.address()));
    awaitUp(b.mesh, a.identity.id());
    awaitUp(a.mesh, b.identity.id());

    assertEquals("a says hello", b.mesh.call(a.identity.id(), ECHO, "hello", client()));
    assertEquals("b says hello", a.mesh.call(b.identity.id(), ECHO, "hello", client()));
    assertEquals("a says hello", a.mesh.call(a.identity.id(), ECHO, "hello", client()));
  }

  @Test
  void nativeAndJdkEnginesUnderstandEachOther() {
    Node a = start("a", SECRET, true);
    Node b = start("b", SECRET, false, a.peerAddress());
    awaitUp(b.mesh, a.identity.id());
    awaitUp(a.mesh, b.identity.id());

    assertEquals("a says hello", b.mesh.call(a.identity.id(), ECHO, "hello", client()));
    assertEquals("b says hello", a.mesh.call(b.identity.id(), ECHO, "hello", client()));
  }

  @Test
  void largeAttachmentsComeBackUnchanged() {
    Node a = start("a", SECRET, true);
    Node b = start("b", SECRET, true, a.peerAddress());
    awaitUp(b.mesh, a.identity.id());
    byte[] bytes = new SystemRandom().bytes(5_000_001);

    Payload<String> answer =
        b.mesh.call(a.identity.id(), ECHO, new Payload<>("x", ByteBuffer.wrap(bytes)), client());

    assertEquals("a says x", answer.value());
    assertEquals(ByteBuffer.wrap(bytes), answer.attachment());
  }

  @Test
  void nodeWithAnotherSecretIsRefused() {
    Node a = start("a", SECRET, true);
    Node stranger = start("stranger", ClusterSecret.parse("66".repeat(32)), true);

    GarageException.Denied e =
        assertThrows(
            GarageException.Denied.class, () -> stranger.mesh.connect(a.peerAddress(), soon()));

    assertTrue(e.toString().contains("rpc_secret"), e::toString);
    assertTrue(a.mesh.peers().isEmpty());
    assertFalse(stranger.mesh.isUp(a.identity.id()));
  }

  @Test
  void anotherNodeThanExpectedIsRefused() {
    Node a = start("a", SECRET, true);
    Node b = start("b", SECRET, true);
    PeerAddress wrong = new PeerAddress(b.identity.id(), a.mesh.address());

    assertThrows(GarageException.Denied.class, () -> b.mesh.connect(wrong, soon()));
    assertTrue(b.mesh.peers().isEmpty());
  }

  @Test
  void commandLineCallsWithoutAnIdentity() {
    Node a = start("a", SECRET, true);
    Promise<String> caller = new Promise<>(clock);
    Endpoint<String, String> who = new Endpoint<>("test/who", ECHO.request(), ECHO.response());
    a.mesh.serve(
        who,
        (from, request, deadline) -> {
          caller.complete(String.valueOf(from));
          return Payload.of(request.value().repeat(100_000));
        });

    try (RpcClient client = connect(a, SECRET, a.identity.id())) {
      assertEquals(a.identity.id(), client.node());
      assertEquals("ab".repeat(100_000), client.call(who, "ab", soon()));
      assertEquals("a says second", client.call(ECHO, "second", soon()));
    }
    assertEquals("null", caller.await(soon()));
  }

  @Test
  void commandLineWithAnotherSecretIsRefused() {
    Node a = start("a", SECRET, false);

    assertThrows(
        GarageException.Denied.class,
        () -> connect(a, ClusterSecret.parse("00".repeat(32)), a.identity.id()));
    assertThrows(
        GarageException.Denied.class, () -> connect(a, SECRET, NodeIdentity.create().id()));
  }

  @Test
  void commandLineTriesAgainWhenItsConnectionIsLostBeforeItIsAdmitted() throws Exception {
    Node a = start("a", SECRET, true);
    try (LossyDoor door = new LossyDoor(a.mesh.address(), 2, tasks);
        RpcClient client = connect(door.address(), SECRET, a.identity.id())) {
      assertEquals("a says hello", client.call(ECHO, "hello", soon()));
    }
    try (LossyDoor door = new LossyDoor(a.mesh.address(), 3, tasks)) {
      assertThrows(
          GarageException.Unreachable.class,
          () -> connect(door.address(), SECRET, a.identity.id()));
    }
  }

  private RpcClient connect(Node node, ClusterSecret secret, NodeId expected) {
    return connect(node.mesh.address(), secret, expected);
  }

  private RpcClient connect(Address address, ClusterSecret secret, NodeId expected) {
    return RpcClient.connect(
        new RpcClient.Target(address, expected, secret),
        clock,
        new SystemRandom(),
        Duration.ofSeconds(20));
  }

  @Test
  void failuresOfTheServiceAreThrownAtTheCaller() {
    Node a = start("a", SECRET, true);
    Node b = start("b", SECRET, true, a.peerAddress());
    Endpoint<String, String> broken =
        new Endpoint<>("test/broken", ECHO.request(), ECHO.response());
    a.mesh.serve(
        broken,
        (from, request, deadline) -> {
          throw new GarageException.Conflict(request.value());
        });
    awaitUp(b.mesh, a.identity.id());

    GarageException e =
        assertThrows(
            GarageException.Conflict.class,
            () -> b.mesh.call(a.identity.id(), broken, "because", client()));
    assertEquals("because", e.getMessage());
  }

  @Test
  void peersAreRememberedOverARestart() throws Exception {
    Node a = start("a", SECRET, true);
    Node b = start("b", SECRET, true, a.peerAddress());
    awaitUp(b.mesh, a.identity.id());
    b.mesh.close();
    opened.pop();
    opened.pop().close();

    Node again = start("b", SECRET, true);
    awaitUp(again.mesh, a.identity.id());

    assertEquals(b.identity.id(), again.identity.id());
    assertEquals("a says hello", again.mesh.call(a.identity.id(), ECHO, "hello", client()));
  }

  @Test
  void nodeThatLeavesIsDown() {
    Node a = start("a", SECRET, true);
    Node b = start("b", SECRET, true, a.peerAddress());
    awaitUp(b.mesh, a.identity.id());
    Promise<NodeId> lost = new Promise<>(clock);
    b.mesh.listen(
        new PeerListener() {
          @Override
          public void connected(NodeId id) {}

          @Override
          public void lost(NodeId id) {
            lost.complete(id);
          }
        });

    a.mesh.close();

    assertEquals(a.identity.id(), lost.await(soon()));
    assertThrows(
        GarageException.Unreachable.class,
        () -> b.mesh.call(a.identity.id(), ECHO, "hello", client()));
    assertNull(b.mesh.peer(NodeIdentity.create().id()));
  }
}
