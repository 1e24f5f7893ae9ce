package garage.admin.api;

/** What a layout has to respect besides the roles. */
public record LayoutParameters(ZoneRedundancy zoneRedundancy) {}
