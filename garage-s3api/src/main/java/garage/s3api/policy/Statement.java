package garage.s3api.policy;

import java.util.List;

/** One rule of a policy: it applies if each of its elements does. */
record Statement(
    Effect effect,
    Principals principals,
    Patterns actions,
    Patterns resources,
    List<Condition> conditions) {
  /** What a statement does when it applies. */
  enum Effect {
    ALLOW,
    DENY
  }

  Statement {
    conditions = List.copyOf(conditions);
  }

  boolean applies(PolicyContext context) {
    return actions.match(context.action(), context)
        && principals.include(context.who())
        && resources.match(context.resource(), context)
        && holds(context);
  }

  private boolean holds(PolicyContext context) {
    for (Condition condition : conditions) {
      if (!condition.holds(context)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether it lets the public in: it allows everybody, and no condition ties them to fixed values
   * of where they come from.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status">The
   *     meaning of "public"</a>
   */
  boolean isPublic() {
    return effect == Effect.ALLOW
        && !(principals instanceof Principals.Some)
        && conditions.stream().noneMatch(Condition::restrictsToFixedPlaces);
  }
}
