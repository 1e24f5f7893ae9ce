package garage.layout;

import garage.common.error.GarageException;

/** The rule for the names a user gives to zones and tags. */
final class Names {
  /** In characters: enough for any region or rack name, and still a table cell. */
  static final int LENGTH_MAX = 64;

  private Names() {}

  /** Fails unless {@code name} fits one cell of a table; {@code what} is named in the message. */
  static void check(String what, String name) {
    boolean printable = name.chars().noneMatch(c -> Character.isISOControl(c));
    if (name.isBlank() || !name.equals(name.strip()) || !printable) {
      throw new GarageException.InvalidInput(
          "a %s is a non-empty text without control characters or outer spaces: '%s'"
              .formatted(what, printable ? name : "?"));
    }
    if (name.length() > LENGTH_MAX) {
      throw new GarageException.InvalidInput(
          "a %s has at most %d characters: '%s…'"
              .formatted(what, LENGTH_MAX, name.substring(0, LENGTH_MAX)));
    }
  }
}
