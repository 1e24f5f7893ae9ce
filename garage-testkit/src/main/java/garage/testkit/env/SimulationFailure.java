package garage.testkit.env;

/** A simulation that broke a rule: deadlock, too many steps, a task that failed. */
public final class SimulationFailure extends AssertionError {
  SimulationFailure(String message) {
    super(message);
  }

  SimulationFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
