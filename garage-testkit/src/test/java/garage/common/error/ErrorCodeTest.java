package garage.common.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Failures survive the wire as the same type with the same message. */
final class ErrorCodeTest {
  @Test
  void everyFailureIsRebuiltFromItsCodeAndMessage() {
    Set<Class<?>> types = new HashSet<>();
    for (ErrorCode code : ErrorCode.values()) {
      GarageException rebuilt = GarageException.of(code, "why");
      assertEquals(code, rebuilt.code());
      assertEquals("why", rebuilt.getMessage());
      assertTrue(types.add(rebuilt.getClass()));
    }
    assertEquals(GarageException.class.getPermittedSubclasses().length, types.size());
  }

  @Test
  void numbersIdentifyCodesAndStrangeOnesAreInternal() {
    for (ErrorCode code : ErrorCode.values()) {
      assertEquals(code, ErrorCode.ofNumber(code.number()));
    }
    assertEquals(ErrorCode.INTERNAL, ErrorCode.ofNumber(0));
    assertEquals(ErrorCode.INTERNAL, ErrorCode.ofNumber(250));
  }
}
