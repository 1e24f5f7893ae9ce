package garage.admin;

/**
 * What a node says of its program.
 *
 * @param version of the program
 * @param runtime it runs on
 * @param dbEngine of its metadata
 */
public record NodeSelf(
    String id, String hostname, String version, String runtime, String dbEngine) {}
