package garage.testkit.env;

import java.time.Duration;

/**
 * How one direction between two nodes behaves. Probabilities are from 0 to 1, and are of each frame
 * sent unless said otherwise.
 *
 * @param delay how long a frame travels
 * @param stalls frames that, with all behind them, wait longer than that
 * @param resets frames upon which the connection is reset, for both ends
 * @param refusals attempts to connect that are refused
 * @param frames what only a protocol that tolerates it may be put through
 */
public record LinkFaults(
    Delay delay, Stalls stalls, double resets, double refusals, FrameFaults frames) {
  /** A good local network. */
  public static final LinkFaults NONE =
      new LinkFaults(
          new Delay(Duration.ofNanos(100_000), Duration.ofMillis(2)),
          new Stalls(0, Duration.ZERO),
          0,
          0,
          new FrameFaults(0, 0, 0));

  /** Uniform between the two. */
  public record Delay(Duration min, Duration max) {}

  /** With this probability a wait of up to {@code max}. */
  public record Stalls(double probability, Duration max) {}

  /**
   * Loss, duplication and reordering of whole frames within a connection. TCP lets none of this
   * happen, so it is off unless asked for.
   */
  public record FrameFaults(double loss, double duplication, double reordering) {
    boolean none() {
      return loss == 0 && duplication == 0 && reordering == 0;
    }
  }

  /** This with another delay. */
  public LinkFaults withDelay(Duration min, Duration max) {
    return new LinkFaults(new Delay(min, max), stalls, resets, refusals, frames);
  }

  /** This with stalls. */
  public LinkFaults withStalls(double probability, Duration max) {
    return new LinkFaults(delay, new Stalls(probability, max), resets, refusals, frames);
  }

  /** This with resets. */
  public LinkFaults withResets(double probability) {
    return new LinkFaults(delay, stalls, probability, refusals, frames);
  }

  /** This with refused connections. */
  public LinkFaults withRefusals(double probability) {
    return new LinkFaults(delay, stalls, resets, probability, frames);
  }

  /** This with faults that a stream does not have. */
  public LinkFaults withFrames(double loss, double duplication, double reordering) {
    return new LinkFaults(
        delay, stalls, resets, refusals, new FrameFaults(loss, duplication, reordering));
  }
}
