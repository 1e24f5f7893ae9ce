package garage.s3api.web;

/**
 * How web sites are served.
 *
 * @param rootDomain a bucket is the site {@code bucket.rootDomain}, besides that of its own name
 * @param countsHosts whether metrics tell the sites apart
 * @param hostId names this node in replies
 */
public record WebSettings(String rootDomain, boolean countsHosts, String hostId) {}
