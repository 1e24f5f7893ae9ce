/** The store on RocksDB: the only package that uses it, and an adapter that owns one thread. */
@NullMarked
package garage.db.rocksdb;

import org.jspecify.annotations.NullMarked;
