package garage.s3api.policy;

import java.util.List;

/** Whom a statement is about. */
sealed interface Principals {
  boolean include(Identity who);

  /** {@code "*"}: everybody, with a signature or without. */
  record Everybody() implements Principals {
    @Override
    public boolean include(Identity who) {
      return true;
    }
  }

  /**
   * Some.
   *
   * @param accounts as they stand under {@code AWS}
   * @param canonical as they stand under {@code CanonicalUser}
   */
  record Some(List<String> accounts, List<String> canonical) implements Principals {
    public Some {
      accounts = List.copyOf(accounts);
      canonical = List.copyOf(canonical);
    }

    @Override
    public boolean include(Identity who) {
      return switch (who) {
        case Identity.Anonymous() -> false;
        case Identity.Account account ->
            names(account) || canonical.contains(account.canonicalId());
      };
    }

    private boolean names(Identity.Account account) {
      for (String name : accounts) {
        if (account.is(name)) {
          return true;
        }
      }
      return false;
    }
  }

  /** Everybody else. */
  record AllBut(Principals excluded) implements Principals {
    @Override
    public boolean include(Identity who) {
      return !excluded.include(who);
    }
  }
}
