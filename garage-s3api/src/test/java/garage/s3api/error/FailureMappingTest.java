package garage.s3api.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.ErrorCode;
import garage.common.error.GarageException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients learn whether to try again, and nothing of the inside. */
class FailureMappingTest {
  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void failuresThatMayPassAreToBeTriedAgain(ErrorCode code) {
    S3Error error = FailureMapping.of(GarageException.of(code, "detail"));
    boolean retried = !error.headers().isEmpty();
    assertEquals(error.code().status() == 503, retried);
  }

  @ParameterizedTest
  @CsvSource({
    "QUORUM_NOT_REACHED, SERVICE_UNAVAILABLE",
    "TIMED_OUT, SERVICE_UNAVAILABLE",
    "STORAGE_FULL, STORAGE_FULL",
    "OVERLOADED, SLOW_DOWN",
    "CORRUPT, INTERNAL_ERROR",
    "INVALID_INPUT, INVALID_REQUEST",
    "DENIED, ACCESS_DENIED",
  })
  void failuresHaveTheirCodes(ErrorCode code, S3ErrorCode expected) {
    assertEquals(expected, FailureMapping.of(GarageException.of(code, "d")).code());
  }

  @ParameterizedTest
  @EnumSource(names = {"CORRUPT", "MISSING", "STORAGE_FAILED", "INTERNAL"})
  void detailsOfFaultsStayInside(ErrorCode code) {
    S3Error error = FailureMapping.of(GarageException.of(code, "/data/secret/path"));
    assertFalse(error.message().contains("secret"));
    assertTrue(error.code().status() == 500);
  }
}
