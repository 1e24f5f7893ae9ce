package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.simulator.planted.PlantedBug;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bugs can be planted into the code as it is, and are found. */
final class PlantedBugTest {
  private static final int SEEDS = 20;

  @ParameterizedTest
  @EnumSource
  void everyBugHasItsPlaceInTheCode(PlantedBug bug) {
    assertNotNull(bug.loader());
  }

  @Test
  void aReadFromOneReplicaIsFound() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    boolean found =
        new PlantedHunt(new PrintStream(out, true, StandardCharsets.UTF_8))
            .hunt(PlantedBug.READ_ONE, 1, SEEDS);
    assertTrue(found, out.toString(StandardCharsets.UTF_8));
  }
}
