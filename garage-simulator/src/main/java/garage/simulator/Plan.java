package garage.simulator;

import garage.simulator.cluster.ClusterSettings;
import garage.simulator.fault.Incident;
import garage.simulator.workload.Step;
import java.util.List;

/**
 * All that is going to happen in a run. What a seed determines is the plan and, given the plan, the
 * order in which tasks run; so a plan can be made smaller and tried again.
 *
 * @param work who works, and on what
 */
public record Plan(
    long seed,
    ClusterSettings cluster,
    Work work,
    Timing timing,
    Ending ending,
    List<Step> steps,
    List<Incident> incidents) {
  private static final long CALM_MILLIS = 600_000;

  public Plan {
    steps = List.copyOf(steps);
    incidents = List.copyOf(incidents);
  }

  /**
   * Who works, and on what.
   *
   * @param clients how many of them work at once
   * @param patient how many of them, the first ones, wait for an answer until the server gives up
   * @param versioned whether the bucket keeps every version
   * @param suspended whether versioning is suspended now and then
   * @param expires whether the bucket has a lifecycle
   */
  public record Work(
      int clients, int patient, boolean versioned, boolean suspended, boolean expires) {
    /** In a bucket in which nothing expires. */
    Work(int clients, int patient, boolean versioned, boolean suspended) {
      this(clients, patient, versioned, suspended, false);
    }
  }

  /**
   * How long things take, in milliseconds.
   *
   * @param storm the time in which clients work and faults come
   * @param patience how long a client waits for an answer in it
   */
  public record Timing(long storm, long patience) {}

  /** What is looked at in the end. */
  public enum Ending {
    /** What every node shows of every key. */
    READ,
    /** Also, after some time, what the nodes have on their disks. */
    SETTLED,
    /** Also what is left when everything was deleted. */
    DELETED
  }

  /** Whether most of its time is quiet: it takes many times as long to run as others. */
  public boolean isCalm() {
    return timing.storm() > CALM_MILLIS;
  }

  /** This with fewer steps and incidents. */
  public Plan with(List<Step> fewerSteps, List<Incident> fewerIncidents) {
    return new Plan(seed, cluster, work, timing, ending, fewerSteps, fewerIncidents);
  }

  /** This with another end. */
  public Plan with(Ending other) {
    return new Plan(seed, cluster, work, timing, other, steps, incidents);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("seed %d: %s, %s, %s%n".formatted(seed, cluster, work, ending));
    incidents.forEach(i -> text.append("  fault ").append(i).append('\n'));
    steps.forEach(s -> text.append("  step  ").append(s).append('\n'));
    return text.toString();
  }
}
