package garage.simulator.workload;

/**
 * When which client does what.
 *
 * @param atMillis from the beginning of the run; later if the client is still busy
 * @param machine which node it asks first, from 0
 * @param retries how often it tries again elsewhere when it was told to, or got no answer
 */
public record Step(long atMillis, int client, int machine, int retries, Action action) {
  @Override
  public String toString() {
    return "%.3f c%d n%d r%d %s".formatted(atMillis / 1e3, client, machine + 1, retries, action);
  }
}
