package garage.cli;

import org.jspecify.annotations.Nullable;

/**
 * The node of this machine, as its files tell without asking it.
 *
 * @param publicAddress where others reach it; null if that is not configured
 */
public record LocalNode(String id, @Nullable String publicAddress) {}
