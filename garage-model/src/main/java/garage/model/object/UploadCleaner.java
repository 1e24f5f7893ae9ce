package garage.model.object;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.KeyRange;
import garage.db.Scan;
import garage.db.Store;
import garage.db.Tree;
import garage.table.register.Register;
import garage.table.register.Version;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Forgets uploads that were completed long ago: what is kept for a client's retry is kept for
 * {@link #KEPT}. Those whose completion died on the way take parts again. Passes over this node's
 * uploads, in pages.
 */
final class UploadCleaner implements Worker {
  /** How long a repeated completion is answered the same; SDKs retry for minutes. */
  static final Duration KEPT = Duration.ofDays(1);

  private static final int ROWS_PER_STEP = 256;
  private static final Duration STEP_MAX = Duration.ofSeconds(30);
  private static final Duration RECHECK = Duration.ofHours(1);

  private final Register<Upload.Slot> register;
  private final Uploads uploads;
  private final Store store;
  private final Clock clock;
  private final Tree tree;
  private byte[] position = new byte[0];

  UploadCleaner(Register<Upload.Slot> register, Uploads uploads, Store store, Clock clock) {
    this.register = register;
    this.uploads = uploads;
    this.store = store;
    this.clock = clock;
    this.tree = store.tree(UploadSchema.NAME);
  }

  @Override
  public String name() {
    return "finished uploads cleaner";
  }

  @Override
  public WorkerState step() {
    int seen = 0;
    try (Scan scan = store.scan(tree, KeyRange.of(position, null))) {
      Scan.Row row = scan.next();
      while (row != null && seen < ROWS_PER_STEP) {
        seen++;
        position = Arrays.copyOf(row.key(), row.key().length + 1);
        clean(row);
        row = scan.next();
      }
    }
    if (seen < ROWS_PER_STEP) {
      position = new byte[0];
      return new WorkerState.Idle(RECHECK);
    }
    return new WorkerState.Busy();
  }

  private void clean(Scan.Row row) {
    Version<Upload.Slot> newest = register.newest(List.of(row.value()));
    if (newest == null || !(newest.value() instanceof Upload.Slot.Present(Upload upload))) {
      return;
    }
    long before = clock.wallMillis() - KEPT.toMillis();
    Deadline deadline = Deadline.after(clock, STEP_MAX);
    switch (upload.state()) {
      case Upload.State.Open() -> {}
      case Upload.State.Completing _, Upload.State.Stopping _ -> uploads.reopen(upload, deadline);
      case Upload.State.Completed c -> {
        if (c.at() < before) {
          uploads.forget(upload, before, deadline);
        }
      }
    }
  }
}
