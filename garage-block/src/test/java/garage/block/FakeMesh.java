package garage.block;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.ParallelCalls;
import garage.rpc.Payload;
import garage.rpc.Preference;
import garage.rpc.Rpc;
import garage.rpc.Service;
import garage.rpc.Stragglers;
import garage.testkit.env.SimNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Calls between nodes of a simulation without a network; a node can be down, frozen or lie. */
final class FakeMesh {
  private final Map<NodeId, FakeRpc> nodes = new HashMap<>();
  final Set<NodeId> down = new HashSet<>();
  final Set<NodeId> frozen = new HashSet<>();
  final Set<NodeId> garbled = new HashSet<>();

  /** Nodes whose answers have a bit flipped. */
  final Set<NodeId> liars = new HashSet<>();

  /** Nodes that go down after this many answers. */
  final Map<NodeId, Integer> answersLeft = new HashMap<>();

  /** How much longer than usual a node takes. */
  final Map<NodeId, Duration> delays = new HashMap<>();

  Duration latency = Duration.ofMillis(1);
  int calls;

  Rpc join(SimNode node) {
    FakeRpc rpc = new FakeRpc(node);
    nodes.put(node.id(), rpc);
    return rpc;
  }

  /** This node first, the others by their names. */
  static Preference preference(NodeId self) {
    return new Preference() {
      @Override
      public List<NodeId> order(Collection<NodeId> all) {
        List<NodeId> order = new ArrayList<>(all.stream().sorted().toList());
        if (order.remove(self)) {
          order.addFirst(self);
        }
        return order;
      }

      @Override
      public Duration hedgeAfter(NodeId node, Endpoint<?, ?> endpoint) {
        return Duration.ofSeconds(1);
      }
    };
  }

  private final class FakeRpc implements Rpc {
    private final SimNode node;
    private final Map<String, Service<?, ?>> services = new HashMap<>();

    FakeRpc(SimNode node) {
      this.node = node;
    }

    @Override
    public NodeId self() {
      return node.id();
    }

    @Override
    public <Q, R> void serve(Endpoint<Q, R> endpoint, Service<Q, R> service) {
      services.put(endpoint.name(), service);
    }

    @Override
    public <Q, R> Payload<R> call(
        NodeId to, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      calls++;
      node.clock().sleep(latency.plus(delays.getOrDefault(to, Duration.ZERO)));
      if (answersLeft.containsKey(to) && answersLeft.merge(to, -1, Integer::sum) < 0) {
        down.add(to);
      }
      if (down.contains(to) || (down.contains(node.id()) && !to.equals(node.id()))) {
        throw new GarageException.Unreachable("down");
      }
      if (frozen.contains(to)) {
        node.clock().sleep(options.deadline().remaining(node.clock()));
        throw new GarageException.TimedOut("frozen");
      }
      Q value = endpoint.request().decode(endpoint.request().encode(request.value()));
      Payload<Q> sent = new Payload<>(value, copy(request.attachment(), garbled.contains(to)));
      Payload<R> answer = serveAt(to, endpoint, sent, options.deadline());
      return new Payload<>(answer.value(), copy(answer.attachment(), liars.contains(to)));
    }

    private ByteBuffer copy(ByteBuffer bytes, boolean flip) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.duplicate().get(copy);
      if (flip && copy.length > 0) {
        copy[copy.length / 2] ^= 1;
      }
      return ByteBuffer.wrap(copy);
    }

    @SuppressWarnings("unchecked") // an endpoint's service is of the endpoint's types
    private <Q, R> Payload<R> serveAt(
        NodeId to, Endpoint<Q, R> endpoint, Payload<Q> request, Deadline deadline) {
      FakeRpc target = nodes.get(to);
      if (target == null) {
        throw new GarageException.Unreachable("unknown");
      }
      Service<Q, R> service = (Service<Q, R>) target.services.get(endpoint.name());
      if (service == null) {
        throw new GarageException.Internal("not served");
      }
      Deadline there = Deadline.after(target.node.clock(), deadline.remaining(node.clock()));
      Payload<R> answer = service.handle(node.id(), request, there);
      R value = endpoint.response().decode(endpoint.response().encode(answer.value()));
      return new Payload<>(value, answer.attachment());
    }

    @Override
    public <Q, R> Fanout<R> fanout(
        Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      return new ParallelCalls<>(
          this,
          node.clock(),
          node.tasks(),
          new ParallelCalls.Request<>(endpoint, request, options),
          new Stragglers());
    }
  }
}
