package garage.rpc.peering;

import garage.common.error.GarageException;
import garage.common.metrics.Counter;
import garage.common.metrics.Family;
import garage.common.metrics.Histogram;
import garage.common.metrics.Metrics;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts the calls this node makes, to itself as well, by endpoint. */
public final class CallMetrics {
  private static final String LABEL = "rpc_endpoint";

  private final Family<Counter> requests;
  private final Family<Counter> timeouts;
  private final Family<Counter> unreachable;
  private final Family<Counter> failures;
  private final Family<Histogram> durations;
  private final Family<Counter> rounds;
  private final Family<Counter> hedges;

  public CallMetrics(Metrics metrics) {
    this.requests = metrics.counters("rpc_request_counter", "Calls to nodes", LABEL);
    this.timeouts = metrics.counters("rpc_timeout_counter", "Of them, not answered in time", LABEL);
    this.unreachable =
        metrics.counters("rpc_netapp_error_counter", "Of them, without a connection", LABEL);
    this.failures =
        metrics.counters("rpc_garage_error_counter", "Of them, refused by the node", LABEL);
    this.durations = metrics.durations("rpc_duration", "Time to the answer", LABEL);
    this.rounds =
        metrics.counters("rpc_rounds_counter", "Requests to several nodes at once", LABEL);
    this.hedges =
        metrics.counters("rpc_hedge_counter", "Late nodes in whose place another was asked", LABEL);
  }

  /** Counts a request to several nodes at once. */
  void round(String endpoint) {
    rounds.of(endpoint).increment();
  }

  /** Counts a node that did not answer when it was expected to. */
  void hedged(String endpoint) {
    hedges.of(endpoint).increment();
  }

  /** Counts a call that ended; {@code failure} is null if it was answered. */
  void ended(String endpoint, Duration after, @Nullable GarageException failure) {
    requests.of(endpoint).increment();
    durations.of(endpoint).record(after);
    switch (failure) {
      case null -> {}
      case GarageException.TimedOut _ -> timeouts.of(endpoint).increment();
      case GarageException.Unreachable _ -> unreachable.of(endpoint).increment();
      case GarageException.Cancelled _ -> {} // another node was quicker
      case GarageException.QuorumNotReached _,
          GarageException.Corrupt _,
          GarageException.Missing _,
          GarageException.StorageFailed _,
          GarageException.StorageFull _,
          GarageException.InvalidInput _,
          GarageException.Conflict _,
          GarageException.Denied _,
          GarageException.Overloaded _,
          GarageException.Stale _,
          GarageException.Internal _ ->
          failures.of(endpoint).increment();
    }
  }
}
