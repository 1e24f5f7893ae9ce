package garage.s3api.list;

/**
 * A place in an ordered sequence of items: the first whose (key, sub) is at or after this. {@code
 * sub} tells items of one key apart (the uploads of a key) and is empty where there is only one.
 */
public record Position(String key, String sub) {
  /** Before everything. */
  public static final Position START = new Position("", "");

  /** At the first item of a key at or after {@code key}. */
  static Position at(String key) {
    return new Position(key, "");
  }
}
