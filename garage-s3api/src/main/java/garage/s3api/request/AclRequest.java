package garage.s3api.request;

import garage.model.acl.AclPermission;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.xml.AccessControlPolicy.Grant;
import garage.s3api.xml.AccessControlPolicy.Grantee;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The access control list a request's headers ask for. */
public sealed interface AclRequest {
  /** They ask for none. */
  record None() implements AclRequest {}

  /** They name one. */
  record Canned(CannedAcl acl) implements AclRequest {}

  /** They spell it out. */
  record Grants(List<Grant> grants) implements AclRequest {
    public Grants {
      grants = List.copyOf(grants);
    }
  }

  /** Reads {@code x-amz-acl} and {@code x-amz-grant-*}, which must not come together. */
  static AclRequest parse(RequestHead head) {
    String canned = head.filled("x-amz-acl");
    List<Grant> grants = new ArrayList<>();
    grantHeaders()
        .forEach((header, permission) -> {
          String value = head.filled(header);
          if (value != null) {
            grantees(header, value).forEach(grantee -> grants.add(new Grant(grantee, permission)));
          }
        });
    if (canned != null && !grants.isEmpty()) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "Specifying both Canned ACLs and Header Grants is not allowed");
    }
    if (canned != null) {
      return new Canned(CannedAcl.of(canned));
    }
    return grants.isEmpty() ? new None() : new Grants(grants);
  }

  private static Map<String, AclPermission> grantHeaders() {
    Map<String, AclPermission> headers = new LinkedHashMap<>();
    for (AclPermission permission : AclPermission.values()) {
      String name = permission.name().toLowerCase(Locale.ROOT).replace('_', '-');
      headers.put("x-amz-grant-" + name, permission);
    }
    return headers;
  }

  /** Reads {@code type=value} pairs with commas between them; values may be quoted. */
  private static List<Grantee> grantees(String header, String text) {
    List<Grantee> grantees = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = end(text, at);
      String pair = text.substring(at, end).strip();
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw malformed(header, text);
      }
      String value = unquoted(pair.substring(equals + 1).strip());
      grantees.add(
          switch (pair.substring(0, equals).strip().toLowerCase(Locale.ROOT)) {
            case "id" -> new Grantee.CanonicalUser(value, "");
            case "emailaddress" -> new Grantee.ByEmail(value);
            case "uri" -> new Grantee.Group(value);
            default -> throw malformed(header, text);
          });
      at = end + 1;
    }
    return grantees;
  }

  /** Where the pair that begins at {@code from} ends: at a comma that is not quoted. */
  private static int end(String text, int from) {
    boolean quoted = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        return i;
      }
    }
    return text.length();
  }

  private static String unquoted(String text) {
    boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1) : text;
  }

  private static RuntimeException malformed(String header, String value) {
    return S3Error.invalidArgument("Argument format not recognized", header, value).exception();
  }
}
