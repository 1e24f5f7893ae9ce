package garage.db.rocksdb;

import garage.db.Tree;

/** A handle to a column family of one store. */
record RocksTree(RocksStore store, String name) implements Tree {
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
