package garage.benchmarks.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/** Clients at work until they are told to stop, and what they saw. */
final class Workload {
  private static final int ERRORS_KEPT = 20;

  private final List<Client> clients = new ArrayList<>();
  private final AtomicLong operations = new AtomicLong();
  private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
  private final Set<String> wrong = new ConcurrentSkipListSet<>();
  private final List<Long> latencies = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> running = new ArrayList<>();
  private final AtomicLong errorCount = new AtomicLong();
  private volatile boolean stopped;

  Workload(int clients, String prefix, long seed) {
    for (int i = 0; i < clients; i++) {
      this.clients.add(new Client(prefix + i + "/", seed + i));
    }
  }

  /** Starts the clients, each at one of {@code stores}. */
  void start(List<Store> stores) {
    stopped = false;
    for (int i = 0; i < clients.size(); i++) {
      Client client = clients.get(i);
      Store store = stores.get(i % stores.size());
      running.add(Thread.ofVirtual().start(() -> work(client, store)));
    }
  }

  private void work(Client client, Store store) {
    while (!stopped) {
      long start = System.nanoTime();
      try {
        client.work(store);
        operations.incrementAndGet();
        latencies.add(System.nanoTime() - start);
      } catch (Store.Failed e) {
        errorCount.incrementAndGet();
        if (errors.size() < ERRORS_KEPT) {
          errors.add(String.valueOf(e.getMessage()));
        }
        Store.pause(100);
      } catch (IllegalStateException e) {
        wrong.add("under load: " + e.getMessage());
      }
    }
  }

  /** Ends the load; answers when no request is under way. */
  void stop() throws InterruptedException {
    stopped = true;
    for (Thread thread : running) {
      thread.join();
    }
    running.clear();
  }

  long operations() {
    return operations.get();
  }

  /** Requests that failed after all their attempts. */
  long errorCount() {
    return errorCount.get();
  }

  List<String> errors() {
    return List.copyOf(errors);
  }

  /** What was read and should not have been. */
  Set<String> wrong() {
    return wrong;
  }

  /** The latency that a share of the operations since the last call did not exceed, and resets. */
  double percentileMillis(double share) {
    synchronized (latencies) {
      List<Long> sorted = latencies.stream().sorted().toList();
      latencies.clear();
      return sorted.isEmpty()
          ? 0
          : sorted.get((int) Math.min(sorted.size() - 1L, (long) (sorted.size() * share))) / 1e6;
    }
  }

  /** What is wrong with all of it as one node shows it: contents, and the listing. */
  Set<String> verify(Store store, String prefix) throws InterruptedException {
    Set<String> found = new ConcurrentSkipListSet<>();
    List<Thread> readers =
        clients.stream()
            .map(client -> Thread.ofVirtual().start(() -> client.verify(store, found)))
            .toList();
    for (Thread reader : readers) {
      reader.join();
    }
    if (found.isEmpty()) {
      Map<String, Long> expected = new TreeMap<>();
      contents().forEach((key, content) -> expected.put(key, (long) content.size()));
      compare(expected, store, prefix, found);
    }
    return new TreeSet<>(found);
  }

  /** What is there; right after it was verified. */
  Map<String, Client.Content> contents() {
    Map<String, Client.Content> contents = new TreeMap<>();
    clients.forEach(client -> client.contents(contents));
    return contents;
  }

  private static void compare(
      Map<String, Long> expected, Store store, String prefix, Set<String> found) {
    try {
      Map<String, Long> listed = store.list(prefix);
      expected.forEach((key, size) -> {
        if (!size.equals(listed.get(key))) {
          found.add("listed of " + key + ": " + listed.get(key) + ", not " + size);
        }
      });
      listed.keySet().stream()
          .filter(key -> !expected.containsKey(key))
          .forEach(key -> found.add("listed though deleted: " + key));
    } catch (Store.Failed e) {
      found.add(String.valueOf(e.getMessage()));
    }
  }
}
