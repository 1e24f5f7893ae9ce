package garage.benchmarks.load;

import java.io.IOException;

/** What the connections of a measurement do; called by all of them at once. */
@FunctionalInterface
interface Work {
  /**
   * Does one piece of work.
   *
   * @param mayBegin false once the time is over: only what was begun is finished
   * @return false when there is nothing left to do
   */
  boolean step(Connection connection, Recorder recorder, boolean mayBegin) throws IOException;
}
