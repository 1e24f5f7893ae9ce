package garage.simulator.fault;

/**
 * When a fault comes and how long it stays.
 *
 * @param atMillis from the beginning of the run
 */
public record Incident(long atMillis, long forMillis, Fault fault) {
  @Override
  public String toString() {
    return "%.3f for %.3f %s".formatted(atMillis / 1e3, forMillis / 1e3, fault);
  }
}
