package garage.server.config;

import garage.common.error.GarageException;
import java.util.List;
import java.util.Map;

/** Refuses keys nobody knows, and warns of those that change nothing. */
final class KeyCheck {
  private final TomlText file;
  private final List<String> warnings;

  KeyCheck(TomlText file, List<String> warnings) {
    this.file = file;
    this.warnings = warnings;
  }

  void check() {
    if (file.root().containsKey("replication_mode")) {
      throw file.invalid(
          "replication_mode",
          "replication_mode is gone: set replication_factor and consistency_mode");
    }
    if ("sled".equals(file.root().get("db_engine"))) {
      throw file.invalid("db_engine", "db_engine = \"sled\" is gone: metadata is in RocksDB");
    }
    check("", file.root());
  }

  private void check(String prefix, Map<?, ?> table) {
    table.forEach((key, value) -> {
      String name = prefix + key;
      KnownKey known = KnownKeys.find(name);
      if (known == null) {
        throw unknown(name);
      }
      if (known.withoutEffect() != null) {
        warnings.add(name + " has no effect: " + known.withoutEffect());
      } else if (!name.equals(KnownKeys.FREE_TABLE)) {
        checkInside(name + ".", value);
      }
    });
  }

  private void checkInside(String prefix, Object value) {
    if (value instanceof Map<?, ?> table) {
      check(prefix, table);
    } else if (value instanceof List<?> list) {
      list.forEach(item -> checkInside(prefix, item));
    }
  }

  private GarageException.InvalidInput unknown(String name) {
    return file.invalid(
        name, "unknown key '" + name + "'; did you mean '" + KnownKeys.nearest(name) + "'?");
  }
}
