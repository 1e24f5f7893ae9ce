package garage.s3api.policy;

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
    private static final String USER = ":user/";

    /**
     * Whether {@code principal}, as a policy writes it under {@code AWS}, is this account: its key
     * id, its canonical id, {@code arn:aws:iam::CANONICAL-ID:root}, or an ARN that ends in {@code
     * :user/KEY-ID} or {@code :user/CANONICAL-ID}.
     */
    boolean is(String principal) {
      if (!principal.startsWith(IAM)) {
        return isId(principal);
      }
      int user = principal.indexOf(USER);
      return user >= 0
          ? isId(principal.substring(user + USER.length()))
          : principal.equals(IAM + canonicalId + ":root");
    }

    private boolean isId(String text) {
      return text.equals(keyId) || text.equals(canonicalId);
    }
  }
}
