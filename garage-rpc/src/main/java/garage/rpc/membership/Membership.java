package garage.rpc.membership;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.LayoutDigest;
import garage.layout.LayoutHistory;
import garage.layout.NodeRole;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import garage.layout.Zone;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Preference;
import garage.rpc.Priority;
import garage.rpc.peering.Mesh;
import garage.rpc.peering.MeshEnvironment;
import garage.rpc.peering.NearestFirst;
import garage.rpc.peering.PeerInfo;
import garage.rpc.peering.PeerListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster as this node knows it. Every ten seconds, and at once when something changes, it
 * tells every connected peer its state and the digest of its layout, and hears theirs; where
 * digests differ the two exchange and merge their histories. What is staged spreads by that alone;
 * a new epoch needs an {@link LayoutElection} first.
 */
public final class Membership implements AutoCloseable {
  /** The file of the layout, in the metadata directory. */
  public static final String LAYOUT_FILE = LayoutStore.FILE;

  private static final Duration EXCHANGE_EVERY = Duration.ofSeconds(10);

  /** How often readiness is looked at while the layout changes: a step costs about that much. */
  private static final Duration TRANSITION_PAUSE = Duration.ofMillis(500);

  private static final Duration STABLE_PAUSE = Duration.ofSeconds(5);

  /** A peer that takes longer is told again in the next round. */
  private static final Duration EXCHANGE_MAX = Duration.ofSeconds(5);

  /** Attempts to change what is staged while others do. */
  private static final int UPDATES_MAX = 100;

  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private final Mesh mesh;
  private final Clock clock;
  private final Tasks tasks;
  private final Supplier<NodeStatus> ownStatus;
  private final LayoutStore store;
  private final LayoutElection election;
  private final LayoutFence fence;
  private final TransitionDriver driver;
  private final ConcurrentHashMap<NodeId, NodeStatus> statuses = new ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<Consumer<LayoutHistory>> listeners =
      new CopyOnWriteArrayList<>();
  private final Gate gate;
  private boolean exchangeDue;
  private Tasks.@Nullable Task loop;
  private Tasks.@Nullable Task transition;

  /**
   * @param initial the layout of a node that has never seen one
   * @param ownStatus asked for each exchange
   */
  public Membership(
      Mesh mesh,
      MeshEnvironment environment,
      LayoutHistory initial,
      Supplier<NodeStatus> ownStatus) {
    this.mesh = mesh;
    this.clock = environment.clock();
    this.tasks = environment.tasks();
    this.ownStatus = ownStatus;
    this.gate = new Gate(clock);
    this.store = new LayoutStore(environment.state(), initial, this::layoutChanged);
    this.election = new LayoutElection(mesh, store, clock, environment.random());
    this.fence = new LayoutFence(mesh, store, clock);
    this.driver = new TransitionDriver(mesh.self(), store, election, clock, mesh::isUp);
    Voter voter = new Voter(environment.state(), store);
    mesh.serve(StatusMessage.ENDPOINT, (from, message, deadline) -> heard(from, message.value()));
    mesh.serve(
        StatusMessage.LAYOUT, (from, theirs, deadline) -> Payload.of(store.merge(theirs.value())));
    mesh.serve(
        Vote.PREPARE, (from, prepare, deadline) -> Payload.of(voter.prepare(prepare.value())));
    mesh.serve(Vote.ACCEPT, (from, accept, deadline) -> Payload.of(voter.accept(accept.value())));
    mesh.listen(
        new PeerListener() {
          @Override
          public void connected(NodeId peer) {
            exchange(List.of(peer));
          }

          @Override
          public void lost(NodeId peer) {}
        });
  }

  /** Exchanges with peers from now on. */
  public void start() {
    loop = tasks.start("membership", this::exchangeForEver);
    transition = tasks.start("layout transition", this::driveForEver);
  }

  @Override
  public void close() {
    if (loop != null) {
      loop.cancel();
    }
    if (transition != null) {
      transition.cancel();
    }
  }

  // --- the layout

  /** The layout now. */
  public LayoutHistory history() {
    return store.history();
  }

  /** Why this node's layout and a peer's cannot be brought together; empty if they can. */
  public Optional<String> divergence() {
    return Optional.ofNullable(store.divergence());
  }

  /** Calls {@code listener} after every change, on the task that brought it; it must be short. */
  public void onLayoutChange(Consumer<LayoutHistory> listener) {
    listeners.add(listener);
  }

  /** What keeps messages of different epochs apart on this node. */
  public EpochFence fence() {
    return fence;
  }

  /** From now on no change of layout is completed before {@code part} is ready. */
  public void join(TransitionPart part) {
    driver.join(part);
  }

  /** How far the change of layout has come. */
  public TransitionProgress progress() {
    return driver.progress();
  }

  /**
   * Whether every node of the set of {@code partition} has said in this stable epoch that it holds
   * everything of the part named {@code part}: what a node that left the set waits for.
   */
  public boolean isComplete(String part, Partition partition) {
    return driver.isComplete(part, partition);
  }

  /**
   * Changes the layout, durably here and then everywhere. {@code change} may be tried more than
   * once, and what it throws is thrown. One that begins a new epoch needs the agreement of a
   * majority of the nodes of the present layout.
   *
   * @throws GarageException.Conflict if another change was made meanwhile
   * @throws GarageException.QuorumNotReached if no majority answers
   */
  public LayoutHistory update(UnaryOperator<LayoutHistory> change, Deadline deadline) {
    for (int i = 0; i < UPDATES_MAX; i++) {
      LayoutHistory base = store.history();
      LayoutHistory next = change.apply(base);
      if (!next.epoch().equals(base.epoch())) {
        if (!election.elect(base, next, deadline)) {
          throw new GarageException.Conflict(
              "another change of layout was made meanwhile: the current version is "
                  + store.history().current().number());
        }
        return store.history();
      }
      if (store.replace(base, next)) {
        return next;
      }
    }
    throw new GarageException.Overloaded("the layout is being changed by many at once");
  }

  // --- the nodes

  /** Every node known, with a role or connected once, in the order of their ids. */
  public List<Member> members() {
    LayoutHistory layout = store.history();
    List<PeerInfo> peers = new ArrayList<>(mesh.peers());
    for (NodeId id : layout.nodes()) {
      if (peers.stream().noneMatch(peer -> peer.id().equals(id))) {
        PeerInfo known = mesh.peer(id);
        peers.add(known == null ? new PeerInfo(id, null, null, false, null, null) : known);
      }
    }
    PeerInfo self = mesh.peer(mesh.self());
    if (self != null && peers.stream().noneMatch(peer -> peer.id().equals(self.id()))) {
      peers.add(self);
    }
    return peers.stream()
        .sorted((a, b) -> a.id().compareTo(b.id()))
        .map(peer -> new Member(peer, status(peer.id()), role(layout, peer.id())))
        .toList();
  }

  private static @Nullable NodeRole role(LayoutHistory layout, NodeId id) {
    return layout.current().role(id).orElse(null);
  }

  /** What {@code node} said last; null if it never did. */
  public @Nullable NodeStatus status(NodeId node) {
    return node.equals(mesh.self()) ? ownStatus.get() : statuses.get(node);
  }

  /** Which replicas to ask first. */
  public Preference preference() {
    return new NearestFirst(
        mesh, id -> store.history().current().role(id).map(role -> role.zone()).map(Zone::name));
  }

  // --- the exchange

  private void layoutChanged(LayoutHistory history) {
    listeners.forEach(listener -> listener.accept(history));
    gate.update(() -> exchangeDue = true);
  }

  private void exchangeForEver() {
    while (true) {
      gate.lock();
      try {
        gate.await(() -> exchangeDue, Deadline.after(clock, EXCHANGE_EVERY));
        exchangeDue = false;
      } finally {
        gate.unlock();
      }
      exchange(mesh.peers().stream().filter(PeerInfo::up).map(PeerInfo::id).toList());
    }
  }

  /** Tells peers at once what has become ready here, and takes the next step when it may be. */
  private void driveForEver() {
    List<PartitionSet> told = List.of();
    while (true) {
      clock.sleep(store.history().epoch().isStable() ? STABLE_PAUSE : TRANSITION_PAUSE);
      List<PartitionSet> ready = driver.mine().stream().map(PartReport::ready).toList();
      if (!ready.equals(told)) {
        told = ready;
        gate.update(() -> exchangeDue = true);
      }
      driver.step();
    }
  }

  private StatusMessage mine() {
    LayoutDigest digest = store.digest();
    return new StatusMessage(ownStatus.get(), digest, driver.mine());
  }

  private Payload<StatusMessage> heard(@Nullable NodeId from, StatusMessage theirs) {
    if (from != null) {
      heardOf(from, theirs);
    }
    return Payload.of(mine());
  }

  private void heardOf(NodeId from, StatusMessage theirs) {
    statuses.put(from, theirs.status());
    driver.heard(from, theirs.layout(), theirs.parts());
  }

  private void exchange(List<NodeId> peers) {
    Deadline deadline = Deadline.after(clock, EXCHANGE_MAX);
    CallOptions options = new CallOptions(Priority.URGENT, deadline);
    try (Fanout<StatusMessage> fanout =
        mesh.fanout(StatusMessage.ENDPOINT, Payload.of(mine()), options)) {
      fanout.ask(peers);
      for (Answer<StatusMessage> answer = fanout.next(deadline);
          answer != null;
          answer = fanout.next(deadline)) {
        switch (answer) {
          case Answer.Success<StatusMessage> success -> {
            heardOf(success.from(), success.payload().value());
            syncLayout(success.from(), success.payload().value(), options);
          }
          case Answer.Failure<StatusMessage> failure ->
              LOG.debug("No status of {}: {}", failure.from(), failure.cause().getMessage());
        }
      }
    }
  }

  private void syncLayout(NodeId peer, StatusMessage theirs, CallOptions options) {
    if (theirs.layout().equals(store.digest())) {
      return;
    }
    try {
      store.merge(mesh.call(peer, StatusMessage.LAYOUT, store.history(), options));
    } catch (GarageException.Cancelled e) {
      throw e;
    } catch (GarageException e) {
      LOG.warn("Layouts were not exchanged with {}: {}", peer.shortHex(), e.getMessage());
    }
  }
}
