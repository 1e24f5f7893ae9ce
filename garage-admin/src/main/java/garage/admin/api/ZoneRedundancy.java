package garage.admin.api;

/** In how many zones each partition has to be. */
public sealed interface ZoneRedundancy {
  /** In as many as there are, up to the number of copies. */
  record Maximum() implements ZoneRedundancy {}

  /** In this many or more. */
  record AtLeast(int atLeast) implements ZoneRedundancy {}

  /** As the command line shows it. */
  default String text() {
    return switch (this) {
      case Maximum() -> "maximum";
      case AtLeast(int zones) -> Integer.toString(zones);
    };
  }
}
