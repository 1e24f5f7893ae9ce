package garage.db;

/** A handle to one tree of one {@link Store}; made by the store alone. */
public interface Tree {
  /** The tree's name. */
  String name();
}
