package garage.common.env.system;

import garage.common.env.Tasks;
import garage.common.error.GarageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tasks as virtual threads; cancelling is interrupting. */
public final class SystemTasks implements Tasks {
  private static final Logger LOG = LoggerFactory.getLogger(SystemTasks.class);

  @Override
  public Task start(String name, Runnable body) {
    return new RunningTask(Thread.ofVirtual().name(name).start(() -> run(name, body)));
  }

  /** The top frame of every task: the one place where everything is caught. */
  @SuppressWarnings("CatchingUnchecked") // the top frame of a thread
  private static void run(String name, Runnable body) {
    try {
      body.run();
    } catch (GarageException.Cancelled e) {
      LOG.debug("task {} was cancelled", name);
    } catch (Throwable e) {
      LOG.error("task {} failed", name, e);
    }
  }

  private record RunningTask(Thread thread) implements Task {
    @Override
    public void cancel() {
      thread.interrupt();
    }

    @Override
    public void join() {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw Interrupts.cancelled();
      }
    }

    @Override
    public boolean isDone() {
      return !thread.isAlive();
    }
  }
}
