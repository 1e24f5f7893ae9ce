package garage.rpc.peering;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Network;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.ParallelCalls;
import garage.rpc.Payload;
import garage.rpc.Rpc;
import garage.rpc.Service;
import garage.rpc.Stragglers;
import garage.rpc.handshake.Handshake;
import garage.rpc.wire.Caller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in the full mesh. Every node dials every other it knows and makes its calls on
 * the connection it dialled; so there is one connection per pair and direction, and no agreement is
 * needed on which of two to keep.
 *
 * <p><b>Finding peers.</b> From the configuration (resolved again in every round), from peers, who
 * exchange their lists when their hashes differ, from whoever dials in, and from the list kept over
 * a restart.
 *
 * <p><b>Failure.</b> A peer is pinged every second, on the priority before everything else. One
 * that has been silent for {@link RpcSettings#suspectAfter} counts as failed: its connection is
 * closed, so that calls under way fail at once and go to other replicas, and it is dialled again
 * with a bounded, growing wait. A call does not wait for a peer that cannot be reached. But a
 * connection that ends by itself is dialled again at once, and calls that were under way on it are
 * made again on the new one, unless their endpoint says that they must not: what a peer may have
 * done already is done twice at most where that is of no harm.
 *
 * <p>Concurrency: one task looks at all peers twice a second; each connection has its own tasks to
 * send, receive and ping. Peers guard their own state.
 */
public final class Mesh implements Rpc, AutoCloseable {
  /** The file of known peers, in the metadata directory. */
  public static final String PEERS_FILE = PeerTable.FILE;

  private static final Logger LOG = LoggerFactory.getLogger(Mesh.class);

  private final NodeId self;
  private final RpcSettings settings;
  private final Clock clock;
  private final Tasks tasks;
  private final Network network;
  private final PeerTable table;
  private final Acceptor acceptor;
  private final Links links;
  private final Gossip gossip;
  private final Services services = new Services();
  private final Stragglers stragglers = new Stragglers();
  private final Peer me;
  private final List<PeerSource> sources = new CopyOnWriteArrayList<>();
  private volatile @Nullable Running running;
  private volatile @Nullable CallMetrics metrics;

  public Mesh(NodeId self, RpcSettings settings, MeshEnvironment environment) {
    this.self = self;
    this.settings = settings;
    this.clock = environment.clock();
    this.tasks = environment.tasks();
    this.network = environment.network();
    this.table = new PeerTable(self, environment.state(), environment.clock());
    this.me = new Peer(self, clock);
    Handshake handshake = Handshake.ofCluster(settings.secret(), clock, environment.random());
    this.gossip = new Gossip(settings, table, clock, () -> address().port());
    this.acceptor = new Acceptor(handshake, table, services, clock, tasks);
    this.links =
        new Links(
            environment,
            table,
            new Discovery(settings.bootstrapPeers(), network),
            new Dialler(network, handshake, clock),
            gossip);
    serve(Ping.ENDPOINT, (from, ping, deadline) -> Payload.of(gossip.pinged(from, ping.value())));
    serve(Ping.EXCHANGE, (from, theirs, deadline) -> Payload.of(gossip.exchanged(theirs.value())));
  }

  /** What runs between {@link #start} and {@link #close}. */
  private record Running(Network.Listener listener, List<Tasks.Task> loops) {}

  /**
   * Listens, and connects to peers from now on. Endpoints should be served before.
   *
   * @throws GarageException.Unreachable if the address cannot be bound
   */
  public void start() {
    table.load(clock.wallMillis(), clock.nanos());
    Network.Listener listener = network.listen(settings.bindAddress(), acceptor::accept);
    List<Tasks.Task> loops = new ArrayList<>();
    loops.add(tasks.start("mesh watch", this::watch));
    loops.add(tasks.start("mesh discovery", this::discover));
    for (PeerSource source : sources) {
      SourceRounds rounds = new SourceRounds(source, self, settings, links, clock);
      loops.add(tasks.start("mesh discovery in " + source.name(), rounds::run));
    }
    running = new Running(listener, List.copyOf(loops));
  }

  /** Looks for peers in {@code source} too; said before {@link #start}. */
  public void findIn(PeerSource source) {
    sources.add(source);
  }

  /** Where this node listens; with the real port where 0 was asked for. */
  public Address address() {
    Running now = running;
    return now == null ? settings.bindAddress() : now.listener.address();
  }

  /** Leaves the mesh: calls under way fail, here and at peers. */
  @Override
  public void close() {
    Running now = running;
    if (now != null) {
      now.listener.close();
      now.loops.forEach(Tasks.Task::cancel);
    }
    links.close();
    acceptor.close();
    table.save(clock.wallMillis());
  }

  /** Tells {@code listener} of peers that come and go. */
  public void listen(PeerListener listener) {
    links.listen(listener);
  }

  /** All peers known, connected or not, in the order of their ids; without this node. */
  public List<PeerInfo> peers() {
    return table.all().stream().map(Peer::info).toList();
  }

  /** What is known of one node; null if it is not known. This node itself is always up. */
  public @Nullable PeerInfo peer(NodeId id) {
    if (id.equals(self)) {
      Address address = gossip.reachedAt();
      return new PeerInfo(
          self,
          address == null ? address() : address,
          settings.hostname(),
          true,
          clock.now(),
          Duration.ZERO);
    }
    Peer peer = table.find(id);
    return peer == null ? null : peer.info();
  }

  /** Whether calls to {@code id} can be made now. */
  public boolean isUp(NodeId id) {
    Peer peer = table.find(id);
    return id.equals(self) || (peer != null && peer.caller() != null);
  }

  /**
   * Connects to a peer that was not known, and remembers it.
   *
   * @throws GarageException.Denied if another node answers, or one refuses the other
   * @throws GarageException.Unreachable or {@link GarageException.TimedOut} if nobody answers
   */
  public NodeId connect(PeerAddress peer, Deadline deadline) {
    return links.dial(peer.address(), peer.id(), deadline);
  }

  /** What 95 % of the last calls of {@code endpoint} did not exceed; null if too few were made. */
  @Nullable Duration p95(NodeId node, Endpoint<?, ?> endpoint) {
    Peer peer = node.equals(self) ? me : table.find(node);
    return peer == null ? null : peer.p95(endpoint.name());
  }

  /** Whether others should be asked before {@code id}: it is slow, or silent for a while. */
  boolean isAvoided(NodeId id) {
    Peer peer = id.equals(self) ? me : table.find(id);
    return peer != null && peer.isAvoided(clock.nanos());
  }

  /** {@code id} did not answer when it was expected to. */
  void late(NodeId id, Endpoint<?, ?> endpoint) {
    CallMetrics counting = metrics;
    if (counting != null) {
      counting.hedged(endpoint.name());
    }
    Peer peer = id.equals(self) ? me : table.find(id);
    if (peer != null) {
      peer.late(clock.nanos());
    }
  }

  /** {@code id} answered when it was expected to. */
  void inTime(NodeId id) {
    Peer peer = id.equals(self) ? me : table.find(id);
    if (peer != null) {
      peer.inTime();
    }
  }

  @Override
  public NodeId self() {
    return self;
  }

  /** Of a node that is not known: since this one is there. */
  @Override
  public Duration awayFor(NodeId node) {
    if (node.equals(self)) {
      return Duration.ZERO;
    }
    Peer peer = table.find(node);
    return (peer == null ? me : peer).awayFor(clock.nanos());
  }

  @Override
  public <Q, R> void serve(Endpoint<Q, R> endpoint, Service<Q, R> service) {
    services.add(endpoint, service);
  }

  /** Counts calls from now on. */
  public void count(CallMetrics counting) {
    metrics = counting;
  }

  @Override
  public <Q, R> Payload<R> call(
      NodeId to, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
    long start = clock.nanos();
    try {
      Payload<R> answer = answer(to, endpoint, request, options);
      counted(endpoint, start, null);
      return answer;
    } catch (GarageException failure) {
      counted(endpoint, start, failure);
      throw failure;
    }
  }

  private void counted(Endpoint<?, ?> endpoint, long start, @Nullable GarageException failure) {
    CallMetrics counting = metrics;
    if (counting != null) {
      counting.ended(endpoint.name(), Duration.ofNanos(clock.nanos() - start), failure);
    }
  }

  private <Q, R> Payload<R> answer(
      NodeId to, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
    long start = clock.nanos();
    Payload<R> answer;
    Peer peer;
    if (to.equals(self)) {
      peer = me;
      answer = services.callSelf(self, endpoint, request, options.deadline());
    } else {
      peer = table.find(to);
      if (peer == null) {
        throw notConnected(to);
      }
      answer = callPeer(peer, endpoint, request, options);
    }
    peer.answered(endpoint.name(), Duration.ofNanos(clock.nanos() - start));
    return answer;
  }

  private <Q, R> Payload<R> callPeer(
      Peer peer, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
    for (int connections = 1; ; connections++) {
      Caller caller = connections == 1 ? peer.caller() : null; // as a rule there is one
      if (caller == null) {
        Deadline wait = Deadline.after(clock, MeshLimits.RECONNECT_TIME_MAX);
        caller = peer.awaitCaller(wait.earlier(options.deadline()));
      }
      if (caller == null) {
        throw notConnected(peer.id);
      }
      try {
        return TypedCall.make(caller, endpoint, request, options);
      } catch (GarageException.Unreachable e) {
        boolean lost = caller.isEnded(); // else the peer itself has said so
        if (!lost
            || !endpoint.repeatable()
            || connections == MeshLimits.CALL_CONNECTIONS_MAX
            || options.deadline().expired(clock)) {
          throw e;
        }
      }
    }
  }

  private static GarageException.Unreachable notConnected(NodeId id) {
    return new GarageException.Unreachable("node " + id.shortHex() + " is not connected");
  }

  @Override
  public <Q, R> Fanout<R> fanout(Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
    CallMetrics counting = metrics;
    if (counting != null) {
      counting.round(endpoint.name());
    }
    return new ParallelCalls<>(
        this, clock, tasks, new ParallelCalls.Request<>(endpoint, request, options), stragglers);
  }

  private void watch() {
    long savedNanos = clock.nanos();
    long graceUntil = clock.nanos();
    while (true) {
      long before = clock.nanos();
      links.dialDue();
      acceptor.closeSilent();
      if (clock.nanos() - savedNanos > MeshLimits.SAVE_EVERY.toNanos()) {
        table.forgetOld(clock.wallMillis());
        table.save(clock.wallMillis());
        savedNanos = clock.nanos();
      }
      clock.sleep(MeshLimits.TICK);
      long now = clock.nanos();
      if (now - before > MeshLimits.STALL.toNanos()) {
        LOG.warn("This process stood still for {} ms", (now - before) / 1_000_000);
        graceUntil = now + settings.suspectAfter().toNanos();
      }
      if (now - graceUntil >= 0) {
        links.closeSilentSince(now - settings.suspectAfter().toNanos());
      }
    }
  }

  private void discover() {
    while (true) {
      links.discover();
      clock.sleep(MeshLimits.DISCOVER_EVERY);
    }
  }
}
