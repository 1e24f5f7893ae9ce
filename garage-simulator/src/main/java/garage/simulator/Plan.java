package garage.simulator;

import garage.simulator.cluster.ClusterSettings;
import garage.simulator.fault.Incident;
import garage.simulator.workload.Step;
import java.util.List;

/**
 * All that is going to happen in a run. What a seed determines is the plan and, given the plan, the
 * order in which tasks run; so a plan can be made smaller and tried again.
 *
 * @param clients how many of them work at once
 * @param aftermath whether everything is deleted in the end, to see what is left
 */
public record Plan(
    long seed,
    ClusterSettings cluster,
    int clients,
    boolean aftermath,
    List<Step> steps,
    List<Incident> incidents) {
  public Plan {
    steps = List.copyOf(steps);
    incidents = List.copyOf(incidents);
  }

  /** This with fewer steps and incidents. */
  public Plan with(List<Step> fewerSteps, List<Incident> fewerIncidents) {
    return new Plan(seed, cluster, clients, aftermath, fewerSteps, fewerIncidents);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("seed %d: %s, %d clients%n".formatted(seed, cluster, clients));
    incidents.forEach(i -> text.append("  fault ").append(i).append('\n'));
    steps.forEach(s -> text.append("  step  ").append(s).append('\n'));
    return text.toString();
  }

  /** This plan without a look at what is left when everything was deleted. */
  public Plan withoutAftermath() {
    return new Plan(seed, cluster, clients, false, steps, incidents);
  }
}
