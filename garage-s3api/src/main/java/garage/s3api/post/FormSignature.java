package garage.s3api.post;

import garage.http.sigv4.CredentialScope;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.SigningKey;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Who signed a form's policy: by Signature Version 4, or by the older form that many applications
 * still make, HMAC-SHA1 of the same text.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html">Browser-based
 *     upload using HTTP POST</a>
 */
final class FormSignature {
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final String OLD_MAC = "HmacSHA1";
  private static final int CREDENTIAL_PARTS = 5;

  private final Function<String, @Nullable Credentials> lookup;

  /** {@code lookup} finds an access key. */
  FormSignature(Function<String, @Nullable Credentials> lookup) {
    this.lookup = lookup;
  }

  /** Who signed {@code policy}, a field of {@code form}. */
  Credentials verify(Form form, String policy) {
    if (form.get("x-amz-security-token") != null) {
      throw S3ErrorCode.INVALID_TOKEN.exception();
    }
    return form.get("x-amz-algorithm") == null ? old(form, policy) : current(form, policy);
  }

  private Credentials current(Form form, String policy) {
    String algorithm = form.require("x-amz-algorithm", "X-Amz-Algorithm");
    if (!algorithm.equals(ALGORITHM)) {
      throw S3Error.invalidArgument(
              "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"", "X-Amz-Algorithm", algorithm)
          .exception();
    }
    String signature = form.require("x-amz-signature", "X-Amz-Signature");
    String credential = form.require("x-amz-credential", "X-Amz-Credential");
    String date = form.require("x-amz-date", "X-Amz-Date");
    String[] parts = credential.split("/", -1);
    if (parts.length != CREDENTIAL_PARTS
        || !parts[3].equals("s3")
        || !parts[4].equals("aws4_request")
        || !date.startsWith(parts[1])) {
      throw S3Error.invalidArgument(
              "The Credential is mal-formed; expecting"
                  + " \"<YOUR-AKID>/YYYYMMDD/REGION/s3/aws4_request\".",
              "X-Amz-Credential",
              credential)
          .exception();
    }
    Credentials found = find(parts[0]);
    CredentialScope scope = new CredentialScope(parts[1], parts[2], parts[3]);
    if (!SigningKey.derive(found.secretKey(), scope).verifies(policy, signature)) {
      throw mismatch(found, policy, signature);
    }
    return found;
  }

  private Credentials old(Form form, String policy) {
    String id = form.require("awsaccesskeyid", "AWSAccessKeyId");
    String signature = form.require("signature", "Signature");
    Credentials found = find(id);
    byte[] expected = hmacSha1(found.secretKey(), policy).getBytes(StandardCharsets.US_ASCII);
    if (!MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8))) {
      throw mismatch(found, policy, signature);
    }
    return found;
  }

  private Credentials find(String id) {
    Credentials found = lookup.apply(id);
    if (found == null) {
      throw S3Error.of(S3ErrorCode.INVALID_ACCESS_KEY_ID).with("AWSAccessKeyId", id).exception();
    }
    return found;
  }

  private static S3Exception mismatch(Credentials of, String policy, String signature) {
    return S3Error.of(S3ErrorCode.SIGNATURE_DOES_NOT_MATCH)
        .with("AWSAccessKeyId", of.accessKeyId())
        .with("StringToSign", policy)
        .with("SignatureProvided", signature)
        .exception();
  }

  private static String hmacSha1(String secret, String text) {
    try {
      Mac mac = Mac.getInstance(OLD_MAC);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), OLD_MAC));
      byte[] code = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(code);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java platform lacks " + OLD_MAC, e);
    }
  }
}
