package garage.s3api.policy;

import java.util.List;

/** Who asks. */
public sealed interface Identity {
  /** Somebody who did not sign. */
  record Anonymous() implements Identity {}

  /**
   * The holder of an access key, who is an account of its own.
   *
   * @param keyId the access key's id
   * @param canonicalId the account's canonical user id
   */
  record Account(String keyId, String canonicalId) implements Identity {
    private static final String IAM = "arn:aws:iam::";

    /**
     * Whether {@code principal}, as a policy writes it under {@code AWS}, is this account: its key
     * id, its canonical id, {@code arn:aws:iam::CANONICAL-ID:root}, or an ARN that ends in {@code
     * :user/KEY-ID} or {@code :user/CANONICAL-ID}.
     */
    boolean is(String principal) {
      List<String> ids = List.of(keyId, canonicalId);
      if (ids.contains(principal) || principal.equals(IAM + canonicalId + ":root")) {
        return true;
      }
      int user = principal.indexOf(":user/");
      return principal.startsWith(IAM)
          && user >= 0
          && ids.contains(principal.substring(user + ":user/".length()));
    }
  }
}
