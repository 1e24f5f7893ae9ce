package garage.common.env.system;

import garage.common.env.system.SystemDisk.Call;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Platform threads that wait for the device, so that no carrier of virtual threads has to. They are
 * never interrupted. Idle ones end after a minute.
 */
final class SyncThreads {
  /** Syncs of one disk at a time: enough for a journal to group them, few enough for memory. */
  private static final int SYNCS_MAX = 32;

  private final Semaphore permits = new Semaphore(SYNCS_MAX);
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().name("garage-sync-", 0).daemon(true).factory());

  /** Runs {@code action} to its end, also when the caller is cancelled meanwhile. */
  <T> T call(Call<T> action) throws IOException {
    permits.acquireUninterruptibly();
    try {
      return result(threads.submit(action::call));
    } finally {
      permits.release();
    }
  }

  private static <T> T result(Future<T> running) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return running.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
