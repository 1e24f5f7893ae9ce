package garage.s3api.policy;

import java.util.List;

/**
 * A bucket's policy: what its owner allows to and denies whom, beyond what their keys are granted.
 * A denial wins over everything; an allowance over the lack of a grant.
 *
 * @param bucket the name the bucket had when the policy was put: its resources are of that name,
 *     whatever name a request uses
 * @param text as it was put, and is given back
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html">Policy
 *     evaluation logic</a>
 */
public record BucketPolicy(String bucket, String text, List<Statement> statements) {
  /** What a policy says of a request. */
  public enum Decision {
    /** Some statement allows it, and none denies it. */
    ALLOWED,
    /** Some statement denies it. */
    DENIED,
    /** Nothing. */
    SILENT
  }

  public BucketPolicy {
    statements = List.copyOf(statements);
  }

  /** How it is kept with the bucket. */
  public String toSetting() {
    return bucket + '\n' + text;
  }

  /** The policy of what {@link #toSetting} gave. */
  public static BucketPolicy ofSetting(String setting) {
    int end = setting.indexOf('\n');
    return PolicyParser.parse(setting.substring(end + 1), setting.substring(0, end));
  }

  /** The decision on {@code context}. */
  public Decision decide(PolicyContext context) {
    Decision decision = Decision.SILENT;
    for (Statement statement : statements) {
      boolean denies = statement.effect() == Statement.Effect.DENY;
      if ((denies || decision == Decision.SILENT) && statement.applies(context)) {
        if (denies) {
          return Decision.DENIED;
        }
        decision = Decision.ALLOWED;
      }
    }
    return decision;
  }

  /** Whether it lets the public in, as {@code GetBucketPolicyStatus} tells. */
  public boolean isPublic() {
    return statements.stream().anyMatch(Statement::isPublic);
  }
}
