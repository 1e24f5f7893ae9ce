package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.simulator.planted.PlantedBug;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Bugs can be planted into the code as it is, and are found. */
final class PlantedBugTest {
  private static final int SEEDS = 20;

  @Test
  void everyBugHasItsPlaceInTheCode() {
    assertNotNull(PlantedBug.loader());
  }

  @Test
  void aReadFromOneReplicaIsFound() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    boolean found =
        new PlantedHunt(new PrintStream(out, true, StandardCharsets.UTF_8))
            .hunt(PlantedBug.READ_ONE, 0, SEEDS);
    assertTrue(found, out.toString(StandardCharsets.UTF_8));
  }
}
