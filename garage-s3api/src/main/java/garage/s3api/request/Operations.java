package garage.s3api.request;

import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Names the operation a method and a subresource stand for, over all that AWS documents. A
 * subresource is a query parameter that makes the request one to something else than the object or
 * bucket itself; parameters that are none of these do not count.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_S3.html">Amazon
 *     S3 operations</a>
 */
final class Operations {
  /** Operations by {@code METHOD subresource}; without one, by {@code METHOD}. */
  private final Map<String, String> names;

  private final Set<String> subresources = new TreeSet<>();

  private Operations(Map<String, String> names) {
    this.names = names;
    for (String name : names.keySet()) {
      int space = name.indexOf(' ');
      if (space > 0) {
        subresources.add(name.substring(space + 1));
      }
    }
  }

  /** Operations on a bucket. */
  static Operations onBucket() {
    return new Operations(Map.copyOf(BucketOperations.names()));
  }

  /** Operations on a key. */
  static Operations onObject() {
    return new Operations(onObjectNames());
  }

  /** The operations on a key, by {@code METHOD subresource}. */
  static Map<String, String> onObjectNames() {
    return Map.ofEntries(
        Map.entry("GET", "GetObject"),
        Map.entry("HEAD", "HeadObject"),
        Map.entry("PUT", "PutObject"),
        Map.entry("DELETE", "DeleteObject"),
        Map.entry("OPTIONS", "OptionsObject"),
        Map.entry("GET acl", "GetObjectAcl"),
        Map.entry("PUT acl", "PutObjectAcl"),
        Map.entry("GET attributes", "GetObjectAttributes"),
        Map.entry("PUT encryption", "UpdateObjectEncryption"),
        Map.entry("GET legal-hold", "GetObjectLegalHold"),
        Map.entry("PUT legal-hold", "PutObjectLegalHold"),
        Map.entry("PUT renameObject", "RenameObject"),
        Map.entry("POST restore", "RestoreObject"),
        Map.entry("GET retention", "GetObjectRetention"),
        Map.entry("PUT retention", "PutObjectRetention"),
        Map.entry("POST select", "SelectObjectContent"),
        Map.entry("GET tagging", "GetObjectTagging"),
        Map.entry("PUT tagging", "PutObjectTagging"),
        Map.entry("DELETE tagging", "DeleteObjectTagging"),
        Map.entry("GET torrent", "GetObjectTorrent"),
        Map.entry("POST uploads", "CreateMultipartUpload"),
        Map.entry("GET uploadId", "ListParts"),
        Map.entry("PUT uploadId", "UploadPart"),
        Map.entry("POST uploadId", "CompleteMultipartUpload"),
        Map.entry("DELETE uploadId", "AbortMultipartUpload"));
  }

  /** The operation's name. */
  String name(String method, Parameters query) {
    String subresource = subresource(query);
    boolean plain = subresource == null || method.equals("HEAD") || method.equals("OPTIONS");
    String name = names.get(plain ? method : method + ' ' + subresource);
    if (name == null) {
      throw S3Error.of(S3ErrorCode.METHOD_NOT_ALLOWED)
          .with("Method", method)
          .with("ResourceType", subresource == null ? "OBJECT" : subresource)
          .withHeader("Allow", allowed(subresource))
          .exception();
    }
    return name;
  }

  private @Nullable String subresource(Parameters query) {
    List<String> found = new ArrayList<>();
    for (String name : subresources) {
      if (query.has(name)) {
        found.add(name);
      }
    }
    if (found.size() > 1) {
      throw S3Error.invalidArgument(
              "Conflicting query string parameters: " + String.join(", ", found),
              "ResourceType",
              found.get(0))
          .exception();
    }
    return found.isEmpty() ? null : found.get(0);
  }

  private String allowed(@Nullable String subresource) {
    List<String> methods = new ArrayList<>();
    for (String method : List.of("DELETE", "GET", "HEAD", "POST", "PUT")) {
      if (names.containsKey(subresource == null ? method : method + ' ' + subresource)) {
        methods.add(method);
      }
    }
    return String.join(", ", methods);
  }
}
