package garage.s3api.post;

import garage.common.env.Clock;
import garage.http.Headers;
import garage.http.UriEncoding;
import garage.http.sigv4.Credentials;
import garage.model.object.Tag;
import garage.s3api.access.Arrival;
import garage.s3api.error.S3Error;
import garage.s3api.request.RequestHead;
import garage.s3api.xml.Tagging;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Receives the forms of PostObject: reads the fields, checks the policy and its signature, and
 * leaves the file to be read. A form without a policy is nobody's.
 */
public final class PostForms {
  private static final Set<String> KEPT =
      Set.of(
          "cache-control",
          "content-disposition",
          "content-encoding",
          "content-language",
          "content-type",
          "expires");

  /** Fields that sign the policy and say nothing of the object. */
  private static final Set<String> SIGNING =
      Set.of("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature");

  private final Clock clock;
  private final FormSignature signatures;

  /** {@code lookup} finds an access key. */
  public PostForms(Clock clock, Function<String, @Nullable Credentials> lookup) {
    this.clock = clock;
    this.signatures = new FormSignature(lookup);
  }

  /** Reads a form up to its file. */
  public PostedForm receive(String bucket, Arrival arrival) {
    FormReader reader = new FormReader(arrival.body(), arrival.head().filled("content-type"));
    Form form = Form.read(reader);
    String key = form.get("key");
    if (key == null || key.isEmpty()) {
      throw Form.missing("key");
    }
    String policyText = form.get("policy");
    if (policyText == null) {
      if (form.get("awsaccesskeyid") != null || form.get("x-amz-credential") != null) {
        throw Form.missing("policy");
      }
      FilePayload file = new FilePayload(reader, PostPolicy.FileSize.ANY);
      return new PostedForm(arrival.http(), bucket, form, head(arrival, form), file, null);
    }
    Credentials signer = signatures.verify(form, policyText);
    PostPolicy policy = PostPolicy.parse(policyText);
    policy.check(form, bucket, clock.now());
    FilePayload file = new FilePayload(reader, policy.size());
    return new PostedForm(arrival.http(), bucket, form, head(arrival, form), file, signer);
  }

  /** The fields as the headers of a PutObject. */
  private static RequestHead head(Arrival arrival, Form form) {
    Headers.Builder headers = Headers.builder();
    form.fields()
        .forEach((name, value) -> {
          switch (name) {
            case "acl" -> add(headers, "x-amz-acl", value);
            case "tagging" -> add(headers, "x-amz-tagging", tagging(value));
            default -> {
              boolean meant = name.startsWith("x-amz-") && !SIGNING.contains(name);
              if (meant || KEPT.contains(name)) {
                add(headers, name, value);
              }
            }
          }
        });
    RequestHead head = arrival.head();
    return new RequestHead("PUT", head.host(), head.target(), headers.build());
  }

  private static void add(Headers.Builder headers, String name, String value) {
    if (!Headers.isToken(name) || !Headers.isValue(value)) {
      throw S3Error.invalidArgument("Header value cannot be represented.", name, value).exception();
    }
    headers.add(name, value);
  }

  private static String tagging(String xml) {
    StringJoiner text = new StringJoiner("&");
    for (Tag tag : Tagging.parse(xml.getBytes(StandardCharsets.UTF_8)).tags()) {
      text.add(UriEncoding.encode(tag.key()) + "=" + UriEncoding.encode(tag.value()));
    }
    return text.toString();
  }
}
