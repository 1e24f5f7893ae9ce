package garage.layout.assign;

import garage.layout.LayoutVersion;

/** What a computation of the next layout version comes to. */
public sealed interface LayoutPlan {
  /** The best version there is. */
  record Feasible(LayoutVersion version, AssignmentReport report) implements LayoutPlan {}

  /** There is no version that satisfies the parameters. */
  record Infeasible(Infeasibility cause) implements LayoutPlan {}
}
