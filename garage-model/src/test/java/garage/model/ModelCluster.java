package garage.model;

import garage.common.env.Deadline;
import garage.common.env.Mailbox;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.common.time.HybridClock;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.Batch;
import garage.db.CommitStatistics;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.db.memory.MemoryStorage;
import garage.db.memory.MemoryStore;
import garage.layout.Partition;
import garage.model.object.ObjectTables;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.ParallelCalls;
import garage.rpc.Payload;
import garage.rpc.Rpc;
import garage.rpc.Service;
import garage.rpc.Stragglers;
import garage.rpc.membership.EpochFence;
import garage.table.register.Register;
import garage.table.replication.Placement;
import garage.table.replication.Replicas;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Nodes with the tables of the domain, each of which has a copy of every row, joined by calls that
 * take a while and are lost as told. A node loses its power, at a chosen commit if need be, and
 * starts again on what it had synced.
 */
public final class ModelCluster {
  /** The stable epoch of the first layout. */
  private static final long EPOCH = 5;

  private static final Duration SYNC = Duration.ofMillis(1);

  /** For an operation: long enough for a few rounds in which a node does not answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Steps of a worker in one go; more would be a worker that does not come to its end. */
  private static final int STEPS_MAX = 10_000;

  /** What waits for readers, and what is found out only then. */
  private static final int SETTLE_ROUNDS = 4;

  public final Simulation simulation;
  public final List<Node> nodes = new ArrayList<>();
  public final MemoryBlocks blocks;
  private final List<Node> isolated = new ArrayList<>();
  private int delayMaxMillis = 5;
  private int lossPercent;

  private ModelCluster(Simulation simulation, int count) {
    this.simulation = simulation;
    this.blocks = new MemoryBlocks(simulation.clock());
    for (int i = 0; i < count; i++) {
      nodes.add(new Node(simulation.node("n" + i)));
    }
    nodes.forEach(Node::open);
  }

  /** Runs {@code test} with a cluster of {@code count} nodes in the simulation of {@code seed}. */
  public static void run(long seed, int count, Consumer<ModelCluster> test) {
    Simulation.run(seed, simulation -> test.accept(new ModelCluster(simulation, count)));
  }

  /** Runs {@code test} with three nodes. */
  public static void run(Consumer<ModelCluster> test) {
    run(1, 3, test);
  }

  /** The first node. */
  public Node first() {
    return nodes.getFirst();
  }

  /** The last node. */
  public Node last() {
    return nodes.getLast();
  }

  /**
   * Does something on the first node that the last one misses, and then, while that is still cut
   * off, {@code meanwhile}.
   */
  public <T> T missed(Function<Node, T> change, Consumer<Node> meanwhile) {
    isolate(last());
    T done = first().does(() -> change.apply(first()));
    meanwhile.accept(last());
    simulation.clock().sleep(Duration.ofMillis(delayMaxMillis)); // what is on its way is lost, too
    heal();
    return done;
  }

  /** From now on calls take up to {@code delayMax}, and some are lost. */
  public void trouble(int delayMax, int percentLost) {
    delayMaxMillis = delayMax;
    lossPercent = percentLost;
  }

  /** Lets the background work of all nodes come to its end, also what waits for readers. */
  public void settle() {
    for (int round = 0; round < SETTLE_ROUNDS; round++) {
      nodes.forEach(Node::work);
      simulation.clock().sleep(ObjectTables.Settings.READERS_MAX.plusMinutes(1));
    }
  }

  /** Cuts {@code node} off from all others. */
  public void isolate(Node node) {
    isolated.add(node);
  }

  /** Whether {@code node} is cut off. */
  public boolean isIsolated(Node node) {
    return isolated.contains(node);
  }

  /** Joins all nodes again, and loses nothing any more. */
  public void heal() {
    isolated.clear();
    lossPercent = 0;
  }

  /** Thrown to who waits for what a node does when that node loses its power. */
  public static final class PowerLost extends RuntimeException {
    private static final long serialVersionUID = 1;

    PowerLost() {
      super("the node lost its power");
    }
  }

  private boolean chance(int percent) {
    return simulation.random().nextInt(100) < percent;
  }

  /** One node. */
  public final class Node implements Rpc, Placement {
    public final SimNode machine;
    public final MemoryStorage storage = new MemoryStorage();
    private final Map<String, Service<?, ?>> services = new HashMap<>();
    private @Nullable Model model;
    private @Nullable Store store;
    private @Nullable Pace pace;
    private int boots;
    private int commitsLeft = Integer.MAX_VALUE;
    private final Map<String, Integer> calls = new HashMap<>();

    private Node(SimNode machine) {
      this.machine = machine;
      machine.onPowerOff(storage::crash);
    }

    private void open() {
      services.clear();
      commitsLeft = Integer.MAX_VALUE;
      Store opened =
          new CrashingStore(new MemoryStore(storage, Model.trees(), machine.clock(), SYNC));
      store = opened;
      Pace fresh = new Pace(machine.clock());
      pace = fresh;
      HybridClock hybrid = new HybridClock(machine.clock(), machine.id(), ++boots);
      model =
          new Model(
              new Register.Context(this, this, opened, hybrid, machine.clock(), machine.random()),
              this,
              blocks,
              ObjectTables.Settings.standard(fresh));
    }

    public Model model() {
      return Objects.requireNonNull(model);
    }

    /** What this node knows of its clients. */
    public Pace pace() {
      return Objects.requireNonNull(pace);
    }

    public MemoryBlocks blocks() {
      return blocks;
    }

    public Store store() {
      return Objects.requireNonNull(store);
    }

    public Deadline deadline() {
      return Deadline.after(machine.clock(), PATIENCE);
    }

    /** Loses its power at the commit after {@code count} more, before it is durable. */
    public void crashAfter(int count) {
      commitsLeft = count;
    }

    public void powerOff() {
      machine.powerOff();
    }

    /** Starts again on what was synced. */
    public void restart() {
      machine.start();
      open();
    }

    /** Does something on this node, and waits for it. */
    public <T> T does(Supplier<T> what) {
      AtomicReference<@Nullable Optional<T>> result = new AtomicReference<>();
      AtomicReference<@Nullable GarageException> failure = new AtomicReference<>();
      Tasks.Task task =
          machine
              .tasks()
              .start(
                  "operation",
                  () -> {
                    try {
                      result.set(Optional.of(what.get()));
                    } catch (GarageException e) {
                      failure.set(e);
                      throw e;
                    }
                  });
      task.join();
      Optional<T> done = result.get();
      if (done != null) {
        return done.orElseThrow();
      }
      GarageException thrown = failure.get();
      if (thrown == null || !machine.isRunning()) {
        throw new PowerLost();
      }
      throw thrown;
    }

    /** As {@link #does}, without a result. */
    public void runs(Runnable what) {
      does(() -> {
        what.run();
        return true;
      });
    }

    /** Lets the background work do what is due. */
    public void work() {
      runs(() -> {
        for (Worker worker : model().workers()) {
          int steps = 0;
          while (goesOn(worker.step())) {
            if (++steps > STEPS_MAX) {
              throw new GarageException.Internal(worker.name() + " comes to no end");
            }
          }
        }
      });
    }

    private boolean goesOn(WorkerState state) {
      return switch (state) {
        case WorkerState.Busy _ -> true;
        case WorkerState.Throttled(Duration pause) -> {
          machine.clock().sleep(pause);
          yield true;
        }
        case WorkerState.Idle _, WorkerState.Done _ -> false;
      };
    }

    // --- calls

    /** How many calls this node has made to an endpoint, of itself too. */
    public int calls(String endpoint) {
      return calls.getOrDefault(endpoint, 0);
    }

    @Override
    public NodeId self() {
      return machine.id();
    }

    @Override
    public <Q, R> void serve(Endpoint<Q, R> endpoint, Service<Q, R> service) {
      services.put(endpoint.name(), service);
    }

    @Override
    public <Q, R> Payload<R> call(
        NodeId to, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      calls.merge(endpoint.name(), 1, Integer::sum);
      Node target = peers().stream().filter(n -> n.self().equals(to)).findFirst().orElseThrow();
      if (target == this) {
        return answer(this, endpoint, request, options.deadline());
      }
      pass(target, options.deadline());
      Mailbox<Answer<R>> reply = new Mailbox<>(machine.clock(), 1);
      target
          .machine
          .tasks()
          .start("serve", () -> reply.offer(target.serveCall(this, endpoint, request, options)));
      return switch (reply.take(options.deadline())) {
        case null -> throw new GarageException.TimedOut("no answer");
        case Answer.Failure<R>(NodeId _, GarageException cause) -> throw cause;
        case Answer.Success<R>(NodeId _, Payload<R> payload) -> {
          pass(target, options.deadline());
          yield payload;
        }
      };
    }

    private List<Node> peers() {
      return ModelCluster.this.nodes;
    }

    private void pass(Node target, Deadline deadline) {
      machine.clock().sleep(Duration.ofMillis(simulation.random().nextInt(delayMaxMillis + 1)));
      boolean cut = isolated.contains(this) || isolated.contains(target);
      if (cut || !target.machine.isRunning()) {
        throw new GarageException.Unreachable("no way to " + target.machine.name());
      }
      if (chance(lossPercent)) {
        machine.clock().sleep(deadline.remaining(machine.clock()));
        throw new GarageException.TimedOut("lost");
      }
    }

    private <Q, R> Answer<R> serveCall(
        Node from, Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      try {
        return new Answer.Success<>(self(), answer(from, endpoint, request, options.deadline()));
      } catch (GarageException e) {
        return new Answer.Failure<>(self(), e);
      }
    }

    /** Through the codecs, as over the wire. */
    private <Q, R> Payload<R> answer(
        Node from, Endpoint<Q, R> endpoint, Payload<Q> request, Deadline deadline) {
      @SuppressWarnings("unchecked") // registered under this very endpoint
      Service<Q, R> service = (Service<Q, R>) Objects.requireNonNull(services.get(endpoint.name()));
      Q sent = endpoint.request().decode(endpoint.request().encode(request.value()));
      Payload<R> answer =
          service.handle(
              from.self(), new Payload<>(sent, request.attachment().duplicate()), deadline);
      R received = endpoint.response().decode(endpoint.response().encode(answer.value()));
      return new Payload<>(received, answer.attachment().duplicate());
    }

    @Override
    public <Q, R> Fanout<R> fanout(
        Endpoint<Q, R> endpoint, Payload<Q> request, CallOptions options) {
      return new ParallelCalls<>(
          this,
          machine.clock(),
          machine.tasks(),
          new ParallelCalls.Request<>(endpoint, request, options),
          new Stragglers());
    }

    // --- placement

    @Override
    public Replicas replicas(Partition partition) {
      int majority = copies() / 2 + 1;
      return Replicas.of(EPOCH, nodes(), majority, majority);
    }

    @Override
    public List<NodeId> nodes() {
      return peers().stream().map(Node::self).toList();
    }

    @Override
    public int copies() {
      return peers().size();
    }

    @Override
    public EpochFence fence() {
      return EpochFence.of(() -> EPOCH);
    }

    /** A store under which the power goes at a chosen commit. */
    private final class CrashingStore implements Store {
      private final Store store;

      CrashingStore(Store store) {
        this.store = store;
      }

      @Override
      public void commit(Batch batch) {
        if (commitsLeft-- == 0) {
          machine.powerOff();
        }
        store.commit(batch);
      }

      @Override
      public Tree tree(String name) {
        return store.tree(name);
      }

      @Override
      public Set<String> trees() {
        return store.trees();
      }

      @Override
      public byte @Nullable [] get(Tree tree, byte[] key) {
        return store.get(tree, key);
      }

      @Override
      public Scan scan(Tree tree, KeyRange range) {
        return store.scan(tree, range);
      }

      @Override
      public CommitStatistics statistics() {
        return store.statistics();
      }

      @Override
      public long approximateCount(Tree tree) {
        return store.approximateCount(tree);
      }

      @Override
      public void checkpoint(String directory) {
        store.checkpoint(directory);
      }

      @Override
      public void close() {
        store.close();
      }
    }
  }
}
