package garage.s3api.request;

import garage.http.UriEncoding;
import garage.http.VirtualHost;
import garage.s3api.error.S3ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Finds the bucket and the key: in the path, or, where the host is {@code bucket.rootDomain}, the
 * bucket in the host. Everything behind the slash that ends the bucket's name is the key, whatever
 * slashes and dots it holds.
 */
final class Addressing {
  private final @Nullable String rootDomain;

  /** {@code rootDomain} may begin with a dot; null if buckets are only named in paths. */
  Addressing(@Nullable String rootDomain) {
    this.rootDomain = rootDomain;
  }

  Target resolve(RequestHead head) {
    String path = head.target().rawPath();
    if (!path.startsWith("/")) {
      throw S3ErrorCode.INVALID_URI.exception();
    }
    String rest = path.substring(1);
    String bucket = bucketOfHost(head.host());
    if (bucket != null) {
      return target(bucket, decode(rest));
    }
    if (rest.isEmpty()) {
      return new Target.Service();
    }
    int slash = rest.indexOf('/');
    String name = decode(slash < 0 ? rest : rest.substring(0, slash));
    if (name.isEmpty()) {
      throw S3ErrorCode.INVALID_URI.exception();
    }
    return target(name, slash < 0 ? "" : decode(rest.substring(slash + 1)));
  }

  private static Target target(String bucket, String key) {
    return key.isEmpty()
        ? new Target.Bucket(bucket)
        : new Target.Key(ObjectName.checked(bucket, key));
  }

  private static String decode(String raw) {
    String text = UriEncoding.decodePath(raw);
    if (text == null) {
      throw S3ErrorCode.INVALID_URI.exception();
    }
    return text;
  }

  private @Nullable String bucketOfHost(String hostHeader) {
    return rootDomain == null ? null : VirtualHost.below(rootDomain, hostHeader);
  }
}
