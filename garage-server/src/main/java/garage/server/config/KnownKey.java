package garage.server.config;

import org.jspecify.annotations.Nullable;

/**
 * A key the loader accepts, by its full name such as {@code s3_api.root_domain}.
 *
 * @param withoutEffect why setting it changes nothing here; null for a key that is used
 */
record KnownKey(String name, @Nullable String withoutEffect) {
  /** A key the settings are made of. */
  static KnownKey used(String name) {
    return new KnownKey(name, null);
  }

  /** A key of upstream's that is accepted with a warning. */
  static KnownKey inert(String name, String why) {
    return new KnownKey(name, why);
  }
}
