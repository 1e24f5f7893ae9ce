package garage.http.sigv4;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/** The key of one secret for one scope, and what it signs. */
public final class SigningKey {
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";

  private final CredentialScope scope;
  private final Hmac hmac;

  private SigningKey(CredentialScope scope, byte[] key) {
    this.scope = scope;
    this.hmac = new Hmac(key);
  }

  /** Derives the key; four HMACs. */
  public static SigningKey derive(String secretKey, CredentialScope scope) {
    byte[] key = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
    for (String step :
        new String[] {scope.day(), scope.region(), scope.service(), CredentialScope.TERMINATOR}) {
      key = new Hmac(key).of(step);
    }
    return new SigningKey(scope, key);
  }

  /** What the key is good for. */
  public CredentialScope scope() {
    return scope;
  }

  /** The signature of {@code text} in 64 hex digits; also what a POST policy is signed with. */
  public String sign(String text) {
    return HexFormat.of().formatHex(hmac.of(text));
  }

  /** Compares in constant time, so that a guess learns nothing from how long it takes. */
  public boolean verifies(String text, String signature) {
    return MessageDigest.isEqual(
        sign(text).getBytes(StandardCharsets.UTF_8), signature.getBytes(StandardCharsets.UTF_8));
  }

  String requestStringToSign(AmzDate date, String canonicalRequest) {
    return String.join(
        "\n", ALGORITHM, date.text(), scope.toString(), CanonicalRequest.hash(canonicalRequest));
  }

  String chunkStringToSign(AmzDate date, String previousSignature, String chunkHash) {
    return String.join(
        "\n",
        ALGORITHM + "-PAYLOAD",
        date.text(),
        scope.toString(),
        previousSignature,
        CanonicalRequest.EMPTY_HASH,
        chunkHash);
  }

  String trailerStringToSign(AmzDate date, String previousSignature, String canonicalTrailer) {
    return String.join(
        "\n",
        ALGORITHM + "-TRAILER",
        date.text(),
        scope.toString(),
        previousSignature,
        CanonicalRequest.hash(canonicalTrailer));
  }
}
