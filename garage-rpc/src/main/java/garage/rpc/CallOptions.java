package garage.rpc;

import garage.common.env.Deadline;

/** How a call is to be treated; the deadline travels with it. */
public record CallOptions(Priority priority, Deadline deadline) {}
