package garage.admin;

import garage.common.env.Deadline;
import garage.layout.LayoutHistory;
import garage.rpc.membership.TransitionProgress;
import java.util.function.UnaryOperator;

/** The cluster's layout as this node knows it, and the way to change it for all. */
public interface LayoutControl {
  /** The layout now. */
  LayoutHistory history();

  /** How far the present change of layout has come, and what the last one left behind. */
  TransitionProgress progress();

  /**
   * Changes the layout: durably here, and then everywhere. {@code change} may be tried more than
   * once, and what it throws is thrown.
   */
  LayoutHistory update(UnaryOperator<LayoutHistory> change, Deadline deadline);
}
