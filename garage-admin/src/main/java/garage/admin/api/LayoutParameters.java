package garage.admin.api;

import org.jspecify.annotations.Nullable;

/**
 * What a layout has to respect besides the roles.
 *
 * @param replicationFactor how many nodes keep each partition; null in a request leaves it, in an
 *     answer it is given only where it is to change
 */
@OmitNull
public record LayoutParameters(
    ZoneRedundancy zoneRedundancy, @Nullable Integer replicationFactor) {}
