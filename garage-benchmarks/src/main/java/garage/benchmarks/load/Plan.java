package garage.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All measurements, one after the other; each with connections and objects of its own. */
final class Plan {
  /** For making objects that are read afterwards. */
  private static final Duration FILL_TIME_MAX = Duration.ofMinutes(10);

  private static final int FILL_CONCURRENCY = 64;
  private static final List<ObjectSize> PRIMED = List.of(ObjectSize.KIB_4, ObjectSize.MIB_1);
  private static final int SMALL_BUCKET_KEYS = 1000;

  /** Of what there is to delete, the part that goes before the measurement. */
  private static final int DELETE_WARM_UP_SHARE = 5;

  /** What two cores can upload, so that no more parts are hashed ahead than are sent. */
  private static final long HASHED_AHEAD_BYTES_PER_SECOND = 400L << 20;

  private final Choice choice;
  private final List<Connection.Target> targets;
  private final String bucket;
  private final @Nullable Servers servers;
  private final MetricsPages pages;
  private final Rounds rounds;
  private final Report report;
  private final ServerProcess self = new ServerProcess(ProcessHandle.current().pid());
  private final Content content;

  /** What to measure, and for how long each. */
  record Choice(
      Set<Operation> operations,
      List<ObjectSize> sizes,
      List<Integer> concurrency,
      Times times,
      int listKeys,
      boolean compressible) {}

  /**
   * How long things take.
   *
   * @param prime before everything: a server is slow until its code is compiled
   * @param warmUp before each measurement, with the same load
   * @param measured of each measurement
   */
  record Times(Duration prime, Duration warmUp, Duration measured) {}

  /**
   * A server under load, or the nodes of a cluster.
   *
   * @param servers their processes, if they are known
   */
  record Subject(
      List<Connection.Target> targets,
      String bucket,
      @Nullable Servers servers,
      MetricsPages pages) {}

  Plan(Choice choice, Subject subject, Report report) {
    this.choice = choice;
    this.targets = subject.targets();
    this.bucket = subject.bucket();
    this.servers = subject.servers();
    this.pages = subject.pages();
    this.rounds = new Rounds(pages);
    this.report = report;
    int largest = choice.sizes().stream().mapToInt(ObjectSize::partBytes).max().orElse(0);
    // A seed of each run's own: what an earlier run stored must not make this one cheaper.
    this.content =
        new Content(
            Math.max(largest, Content.STAMP_BYTES), choice.compressible(), System.nanoTime());
  }

  void run() throws IOException, InterruptedException {
    prime();
    for (ObjectSize size : choice.sizes()) {
      measure(new Objects(bucket, size, content));
    }
    if (choice.operations().contains(Operation.LIST)) {
      for (int keys : new int[] {SMALL_BUCKET_KEYS, choice.listKeys()}) {
        measureLists(new ListWork(bucket + "-list-" + keys, keys, content));
      }
    }
  }

  /** Writes and reads a while, with objects of its own. */
  private void prime() throws InterruptedException {
    if (choice.times().prime().isZero()) {
      return;
    }
    Content own = new Content(ObjectSize.MIB_1.bytes(), choice.compressible(), System.nanoTime());
    for (ObjectSize size : PRIMED) {
      Duration each = choice.times().prime().dividedBy(2L * PRIMED.size());
      Objects objects = new Objects(bucket + "/prime", size, own);
      fill(put(objects, Long.MAX_VALUE), each);
      fill(new ObjectWork(objects).get(), each);
    }
  }

  private void measure(Objects objects) throws IOException, InterruptedException {
    ObjectWork work = new ObjectWork(objects);
    if (choice.operations().contains(Operation.PUT)) {
      for (int concurrency : choice.concurrency()) {
        Work put = put(objects, Long.MAX_VALUE);
        hashAhead(objects);
        measure(cell(Operation.PUT, objects.size(), concurrency), put, put);
      }
    }
    if (choice.operations().stream().allMatch(o -> o == Operation.PUT || o == Operation.LIST)) {
      return;
    }
    fill(put(objects, objectsWanted(objects.size())), FILL_TIME_MAX);
    for (int concurrency : choice.concurrency()) {
      measureReads(objects, work, concurrency);
    }
    if (choice.operations().contains(Operation.DELETE)) {
      measureDeletes(objects, work);
    }
  }

  private void measureReads(Objects objects, ObjectWork work, int concurrency)
      throws IOException, InterruptedException {
    ObjectSize size = objects.size();
    if (choice.operations().contains(Operation.GET)) {
      measure(cell(Operation.GET, size, concurrency), work.get(), work.get());
    }
    if (choice.operations().contains(Operation.HEAD)) {
      measure(cell(Operation.HEAD, size, concurrency), work.head(), work.head());
    }
    if (choice.operations().contains(Operation.RANGE) && size.bytes() > ObjectWork.RANGE_BYTES) {
      measure(cell(Operation.RANGE, size, concurrency), work.range(), work.range());
    }
  }

  /** Each concurrency gets an equal share of what there is. */
  private void measureDeletes(Objects objects, ObjectWork work)
      throws IOException, InterruptedException {
    int cellsLeft = choice.concurrency().size();
    for (int concurrency : choice.concurrency()) {
      long share = objects.count() / cellsLeft--;
      long left = objects.count() - share;
      Work warmUp = work.delete(left + share - share / DELETE_WARM_UP_SHARE);
      measure(cell(Operation.DELETE, objects.size(), concurrency), warmUp, work.delete(left));
    }
  }

  private void measureLists(ListWork work) throws IOException, InterruptedException {
    try (Connection connection = new Connection(targets.getFirst())) {
      connection.exchange(Request.of("PUT", work.path()), (position, bytes, at, count) -> {});
    }
    List<OptionalDouble> before = Spread.now(pages);
    fill(work.fill(), FILL_TIME_MAX);
    Spread spread = Spread.since(before, pages, work.keys() + " objects of one bucket");
    if (spread.rows().size() > 1) {
      report.spread(spread);
    }
    for (int concurrency : choice.concurrency()) {
      String size = work.keys() + " keys";
      measure(new Cell(Operation.LIST, size, concurrency), work.pages(), work.pages());
    }
  }

  private static Work put(Objects objects, long count) {
    return objects.size().parts() == 1
        ? new ObjectWork(objects).put(count)
        : new MultipartWork(objects, count);
  }

  private void hashAhead(Objects objects) {
    if (objects.size().parts() > 1) {
      long seconds = choice.times().warmUp().plus(choice.times().measured()).toSeconds() + 1;
      long bytes = seconds * HASHED_AHEAD_BYTES_PER_SECOND;
      objects.hashAhead((int) (bytes / objects.size().bytes()));
    }
  }

  /** Enough for reads not to be of a single object, and for deletes to take some time. */
  private static long objectsWanted(ObjectSize size) {
    return switch (size) {
      case KIB_4 -> 2000;
      case KIB_64 -> 500;
      case MIB_1 -> 100;
      case MIB_64 -> 3;
    };
  }

  /** Load that is not measured. */
  private void fill(Work work, Duration time) throws InterruptedException {
    try (Load load = new Load(targets, FILL_CONCURRENCY)) {
      Load.Outcome outcome = load.run(work, time);
      if (outcome.recorder().errors() > 0) {
        throw new RequestFailed("before the measurement: " + outcome.recorder().messages());
      }
    }
  }

  private record Cell(Operation operation, String size, int concurrency) {}

  private static Cell cell(Operation operation, ObjectSize size, int concurrency) {
    return new Cell(operation, size.toString(), concurrency);
  }

  private void measure(Cell cell, Work warmUp, Work work) throws IOException, InterruptedException {
    try (Load load = new Load(targets, cell.concurrency())) {
      Load.Outcome warm = load.run(warmUp, choice.times().warmUp());
      ServerProcess.Usage before = null;
      if (servers != null) {
        servers.resetPeak();
        before = servers.usage();
      }
      double roundsBefore = rounds.made();
      double selfBefore = self.usage().cpuSeconds();
      Load.Outcome outcome = load.run(work, choice.times().measured());
      outcome.recorder().addErrors(warm.recorder());
      double selfSpent = self.usage().cpuSeconds() - selfBefore;
      Measurement.Spent spent =
          servers == null || before == null
              ? null
              : new Measurement.Spent(servers.usage().since(before), servers.peakResidentBytes());
      double roundsMade = rounds.made() - roundsBefore;
      report.measurement(
          new Measurement(
              cell.operation(),
              cell.size(),
              cell.concurrency(),
              outcome,
              new Measurement.Costs(spent, selfSpent, roundsMade)));
    }
  }
}
