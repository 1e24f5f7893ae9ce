package garage.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Deadline;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The budget of memory for blocks. */
final class BlockMemoryTest {
  private static final int BLOCK = 1000;

  @Test
  void noMoreThanTheBudgetIsEverLentAndEverybodyIsServed() {
    for (long seed = 0; seed < 50; seed++) {
      Simulation.run(
          seed,
          world -> {
            BlockMemory memory = new BlockMemory(world.clock(), BLOCK, 4 * BLOCK);
            List<Tasks.Task> tasks = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
              int bytes = 1 + world.random().nextInt(BLOCK);
              tasks.add(world.tasks().start("t" + i, () -> use(world, memory, bytes)));
            }
            tasks.forEach(Tasks.Task::join);
            assertEquals(0, memory.lent());
          });
    }
  }

  private static void use(Simulation world, BlockMemory memory, int bytes) {
    try (BlockBuffer buffer = memory.take(bytes, Deadline.NEVER)) {
      assertEquals(bytes, buffer.bytes().remaining());
      assertTrue(memory.lent() <= 4 * BLOCK);
      world.clock().sleep(Duration.ofMillis(5));
    }
  }

  @Test
  void whoWaitsInVainIsToldThatTheNodeIsOverloaded() {
    Simulation.run(
        1,
        world -> {
          BlockMemory memory = new BlockMemory(world.clock(), BLOCK, BLOCK);
          BlockBuffer buffer = memory.take(BLOCK, Deadline.NEVER);
          Deadline soon = Deadline.after(world.clock(), Duration.ofSeconds(1));
          assertThrows(GarageException.Overloaded.class, () -> memory.take(1, soon));
          buffer.close();
          buffer.close();
          assertEquals(0, memory.lent());
        });
  }

  @Test
  void arraysAreUsedAgainUnlessSomebodyMayStillReadThem() {
    Simulation.run(
        1,
        world -> {
          BlockMemory memory = new BlockMemory(world.clock(), BLOCK, 4 * BLOCK);
          BlockBuffer first = memory.take(BLOCK, Deadline.NEVER);
          byte[] array = first.bytes().array();
          first.close();
          BlockBuffer second = memory.take(BLOCK - 1, Deadline.NEVER);
          assertSame(array, second.bytes().array());
          second.share();
          second.close();
          BlockBuffer third = memory.take(BLOCK, Deadline.NEVER);
          assertNotSame(array, third.bytes().array());
          third.close();
        });
  }

  @Test
  void whatIsKeptForLaterIsPartOfTheBudget() {
    Simulation.run(
        1,
        world -> {
          BlockMemory memory = new BlockMemory(world.clock(), BLOCK, 4 * BLOCK);
          List<BlockBuffer> whole = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            whole.add(memory.take(BLOCK, Deadline.NEVER));
          }
          whole.forEach(BlockBuffer::close);
          assertEquals(4 * BLOCK, memory.held());
          List<BlockBuffer> small = new ArrayList<>();
          for (int i = 0; i < 10; i++) {
            small.add(memory.take(BLOCK / 4, Deadline.NEVER));
            assertTrue(memory.held() <= 4 * BLOCK, "held: " + memory.held());
          }
          assertEquals(10 * (BLOCK / 4) + BLOCK, memory.held());
          small.forEach(BlockBuffer::close);
          assertEquals(BLOCK, memory.held());
        });
  }
}
