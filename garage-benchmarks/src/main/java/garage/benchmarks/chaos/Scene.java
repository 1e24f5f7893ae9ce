package garage.benchmarks.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** What a fault acts on. */
final class Scene implements AutoCloseable {
  private static final int RETRIES = 20;

  /** What libfaketime does, for the calls a Java process makes. */
  private static final String CLOCK_SHIM =
      """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <stdlib.h>
      #include <sys/time.h>
      #include <time.h>
      static long ahead(void) {
        const char *text = getenv("CHAOS_AHEAD_SECONDS");
        return text ? atol(text) : 0;
      }
      int clock_gettime(clockid_t id, struct timespec *t) {
        static int (*real)(clockid_t, struct timespec *);
        if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
        int result = real(id, t);
        if (!result && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) t->tv_sec += ahead();
        return result;
      }
      int gettimeofday(struct timeval *t, void *zone) {
        static int (*real)(struct timeval *, void *);
        if (!real) real = dlsym(RTLD_NEXT, "gettimeofday");
        int result = real(t, zone);
        if (!result && t) t->tv_sec += ahead();
        return result;
      }
      """;

  private final Nodes nodes;
  private final Path work;
  private final Random random;
  private final List<TcpProxy> proxies = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long appliedNanos;
  private String progress = "";

  Scene(Nodes nodes, Path work, Random random) {
    this.nodes = nodes;
    this.work = work;
    this.random = random;
    for (int k = 1; k <= Nodes.MAX; k++) {
      proxies.add(new TcpProxy(nodes.rpcPort(k) + Nodes.PROXIED, nodes.rpcPort(k)));
    }
  }

  Nodes nodes() {
    return nodes;
  }

  Random random() {
    return random;
  }

  /** One before each node. */
  List<TcpProxy> proxies() {
    return proxies;
  }

  /** For the report. */
  void note(String text) {
    notes.add(text);
  }

  List<String> takeNotes() {
    List<String> taken = List.copyOf(notes);
    notes.clear();
    return taken;
  }

  /** The library that puts a process's clock ahead, made by the machine's C compiler. */
  String clockShim() {
    Path library = work.resolve("clock.so");
    try {
      Path source = Files.writeString(work.resolve("clock.c"), CLOCK_SHIM);
      int exit =
          new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library + "", source + "", "-ldl")
              .inheritIO()
              .start()
              .waitFor();
      if (exit != 0) {
        throw new IllegalStateException("the C compiler fails");
      }
    } catch (IOException e) {
      throw new IllegalStateException("there is no C compiler (cc): " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw new Store.Failed("interrupted");
    }
    return library.toString();
  }

  /** Lets a node look at all its blocks now, as it does by itself once a month. */
  void scrub(int node) {
    try {
      nodes.garage(node, "repair", "--yes", "scrub", "start");
      note("`garage repair --yes scrub start` was run, which a node does by itself once a month");
    } catch (IllegalStateException e) {
      note(
          "no scrub was started: "
              + String.valueOf(e.getMessage()).replaceAll("(?s).*\n(.)", "$1"));
    }
  }

  // --- changes of layout

  /** Stages a change; nodes may have to find each other first. */
  void stage(String... words) {
    String[] command =
        Stream.concat(Stream.of("layout"), Arrays.stream(words)).toArray(String[]::new);
    retry(() -> nodes.garage(1, command));
  }

  /** Applies what is staged, under the number that is shown. */
  void apply() {
    String shown = nodes.garage(1, "layout", "show");
    nodes.garage(
        1, "layout", "apply", "--version", shown.replaceAll("(?s).*--version (\\d+).*", "$1"));
    appliedNanos = System.nanoTime();
    progress = "";
  }

  /** Whether the change is complete, and {@code leaving} can be switched off, if that is not 0. */
  boolean settled(int leaving) {
    String history;
    try {
      history = nodes.garage(1, "layout", "history");
    } catch (IllegalStateException e) {
      note("`layout history` failed and is asked again: " + e.getMessage());
      return false;
    }
    String done = leaving == 0 ? "The cluster is stable" : "can be switched off";
    if (history.contains("The cluster is stable") && history.contains(done)) {
      note(
          "the change was complete after %.0f s%s"
              .formatted((System.nanoTime() - appliedNanos) / 1e9, progress));
      return true;
    }
    String ready = history.replaceAll("(?s).*Partitions ready: *([^\n]*).*", "$1");
    progress = ready.equals(history) ? progress : "; seen on the way: " + ready + " partitions";
    return false;
  }

  /** Until it succeeds, for what needs nodes to know each other. */
  static void retry(Runnable action) {
    for (int i = 1; ; i++) {
      try {
        action.run();
        return;
      } catch (IllegalStateException e) {
        if (i == RETRIES) {
          throw e;
        }
        Store.pause(500);
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (TcpProxy proxy : proxies) {
      proxy.close();
    }
  }
}
