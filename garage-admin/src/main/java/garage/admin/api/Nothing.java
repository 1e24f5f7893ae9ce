package garage.admin.api;

/** The answer of a request that has none: {@code null} in JSON. */
@Bare
public record Nothing() implements AdminResponse {}
