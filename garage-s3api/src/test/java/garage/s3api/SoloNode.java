package garage.s3api;

import garage.common.env.Clock;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.Partition;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.ParallelCalls;
import garage.rpc.Payload;
import garage.rpc.Rpc;
import garage.rpc.Service;
import garage.rpc.Stragglers;
import garage.rpc.membership.EpochFence;
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import garage.testkit.env.SimNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A cluster of one node: it calls itself, and holds everything. */
final class SoloNode implements Rpc, Placement {
  /** The stable epoch of the first layout. */
  private static final long EPOCH = 5;

  private final NodeId id;
  private final Clock clock;
  private final Tasks tasks;
  private final Map<String, Service<?, ?>> services = new HashMap<>();

  /** The endpoint that does not answer; null if all do. */
  @Nullable String silent;

  SoloNode(SimNode node) {
    this.id = node.id();
    this.clock = node.clock();
    this.tasks = node.tasks();
  }

  @Override
  public NodeId self() {
    return id;
  }

  @Override
  public <Q, R> void serve(Endpoint<Q, R> endpoint, Service<Q, R> service) {
    services.put(endpoint.name(), service);
  }

  @Override
  public <Q, R> Payload<R> call(
      NodeId to, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
    @SuppressWarnings("unchecked") // registered under this very endpoint
    Service<Q, R> service = (Service<Q, R>) services.get(endpoint.name());
    if (service == null || !to.equals(id) || endpoint.name().equals(silent)) {
      throw new GarageException.Unreachable("not here");
    }
    Q value = endpoint.request().decode(endpoint.request().encode(request.value()));
    Payload<R> answer =
        service.handle(id, new Payload<>(value, request.attachment()), options.deadline());
    R result = endpoint.response().decode(endpoint.response().encode(answer.value()));
    return new Payload<>(result, answer.attachment());
  }

  @Override
  public <Q, R> Fanout<R> fanout(Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
    return new ParallelCalls<>(
        this,
        clock,
        tasks,
        new ParallelCalls.Request<>(endpoint, request, options),
        new Stragglers());
  }

  @Override
  public Replicas replicas(Partition partition) {
    return Replicas.of(EPOCH, List.of(id), 1, 1);
  }

  @Override
  public List<NodeId> nodes() {
    return List.of(id);
  }

  @Override
  public int copies() {
    return 1;
  }

  @Override
  public EpochFence fence() {
    return EpochFence.of(() -> EPOCH);
  }
}
