package garage.rpc.peering;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.common.env.Address;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.handshake.ClusterSecret;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Meshes of simulated nodes. */
final class TestCluster {
  static final Endpoint<String, String> ECHO =
      new Endpoint<>(
          "test/echo", VersionedCodec.first(Codec.STRING), VersionedCodec.first(Codec.STRING));
  static final ClusterSecret SECRET = ClusterSecret.parse("c5".repeat(32));
  static final int PORT = 3901;

  final Simulation world;
  final Map<String, Mesh> meshes = new LinkedHashMap<>();

  TestCluster(Simulation world) {
    this.world = world;
  }

  /** Starts a node that knows the peers {@code to}, as {@code name:port} or {@code id@…}. */
  Mesh start(String name, String... to) {
    return start(name, SECRET, to);
  }

  /** Starts a node at another port, knowing nothing but what it has kept. */
  Mesh startAt(String name, int port) {
    return start(name, SECRET, port);
  }

  Mesh start(String name, ClusterSecret secret, String... to) {
    return start(name, secret, PORT, to);
  }

  private Mesh start(String name, ClusterSecret secret, int port, String... to) {
    SimNode node = world.node(name);
    if (!node.isRunning()) {
      node.start();
    }
    List<PeerAddress> bootstrap = List.of(to).stream().map(PeerAddress::parse).toList();
    Mesh mesh =
        new Mesh(
            node.id(),
            RpcSettings.of(secret, new Address("0.0.0.0", port), bootstrap, name),
            new MeshEnvironment(
                node.clock(), node.tasks(), node.random(), node.network(), node.disk("meta")));
    return run(name, mesh);
  }

  /** Starts a node that knows where it is reached and finds peers in {@code source}. */
  Mesh startWith(PeerSource source, String name) {
    SimNode node = world.node(name);
    RpcSettings settings =
        RpcSettings.of(SECRET, new Address("0.0.0.0", PORT), List.of(), name)
            .withPublicAddress(new Address(name, PORT));
    Mesh mesh =
        new Mesh(
            node.id(),
            settings,
            new MeshEnvironment(
                node.clock(), node.tasks(), node.random(), node.network(), node.disk("meta")));
    mesh.findIn(source);
    return run(name, mesh);
  }

  private Mesh run(String name, Mesh mesh) {
    mesh.serve(ECHO, (from, request, deadline) -> Payload.of(name + " says " + request.value()));
    mesh.start();
    meshes.put(name, mesh);
    return mesh;
  }

  Mesh mesh(String name) {
    Mesh mesh = meshes.get(name);
    if (mesh == null) {
      throw new AssertionError("no such node");
    }
    return mesh;
  }

  SimNode node(String name) {
    return world.node(name);
  }

  boolean isUp(String seenBy, String name) {
    return mesh(seenBy).isUp(node(name).id());
  }

  /** Whether each of {@code names} is connected to each other. */
  boolean allUp(String... names) {
    for (String a : names) {
      for (String b : names) {
        if (!isUp(a, b)) {
          return false;
        }
      }
    }
    return true;
  }

  void awaitAllUp(Duration limit, String... names) {
    world.eventually("all are connected", limit, () -> allUp(names));
  }

  String call(String from, String to) {
    SimNode node = node(from);
    Deadline deadline = Deadline.after(node.clock(), Duration.ofSeconds(2));
    try {
      return mesh(from).call(node(to).id(), ECHO, "hi", new CallOptions(Priority.CLIENT, deadline));
    } catch (GarageException e) {
      return e.code().name();
    }
  }
}
