package garage.testkit.env;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Tasks;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;

/** The simulated seams keep the contracts, under several orders of tasks each. */
final class SimulatedContractsTest {
  private static final int SEEDS = 10;

  private static void simulate(Consumer<Simulation> body) {
    for (int seed = 0; seed < SEEDS; seed++) {
      Simulation.run(seed, body);
    }
  }

  @Nested
  final class Clocks extends ClockContract {
    @Override
    protected void run(BiConsumer<Clock, Tasks> body) {
      simulate(world -> body.accept(world.node("a").clock(), world.node("a").tasks()));
    }
  }

  @Nested
  final class TaskSets extends TasksContract {
    @Override
    protected void run(BiConsumer<Clock, Tasks> body) {
      simulate(world -> body.accept(world.clock(), world.tasks()));
    }
  }

  @Nested
  final class Disks extends DiskContract {
    @Override
    protected void run(Consumer<Machine> body) {
      simulate(world -> {
        SimNode node = world.node("a");
        body.accept(new Machine(node.disk("data"), node.clock(), node.tasks()));
      });
    }
  }

  @Nested
  final class Networks extends NetworkContract {
    @Override
    protected void run(Consumer<Nodes> body) {
      simulate(world -> {
        SimNode left = world.node("left");
        SimNode right = world.node("right");
        body.accept(
            new Nodes(
                left.network(),
                left.id(),
                right.network(),
                right.id(),
                left.anonymousNetwork(),
                new Address("right", 0),
                left.clock(),
                left.tasks()));
      });
    }
  }
}
