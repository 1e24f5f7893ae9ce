package garage.server.config;

import garage.common.check.Invariant;
import garage.common.env.Address;
import garage.common.error.GarageException;
import garage.common.id.ByteSize;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the keys of one table of the file as typed, bounded values. */
final class Section {
  private final TomlText file;
  private final String prefix;
  private final Map<String, Object> members;

  private Section(TomlText file, String prefix, Map<String, Object> members) {
    this.file = file;
    this.prefix = prefix;
    this.members = members;
  }

  static Section root(TomlText file) {
    return new Section(file, "", file.root());
  }

  boolean has(String key) {
    return members.containsKey(key);
  }

  @Nullable Object raw(String key) {
    KnownKey known = KnownKeys.find(prefix + key);
    Invariant.check(
        known != null && known.withoutEffect() == null, "a key read is a known one", key);
    return members.get(key);
  }

  /** The table of this name; an empty one if it is not there. */
  Section section(String key) {
    Object value = raw(key);
    return new Section(file, prefix + key + ".", value == null ? Map.of() : table(key, value));
  }

  /** The tables of an array of tables. */
  List<Section> sections(String key) {
    List<Section> all = new ArrayList<>();
    for (Object item : list(key)) {
      all.add(new Section(file, prefix + key + ".", table(key, item)));
    }
    return all;
  }

  @Nullable String text(String key) {
    Object value = raw(key);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw invalid(key, "must be a string in quotes");
  }

  String requiredText(String key) {
    String value = text(key);
    if (value == null || value.isEmpty()) {
      throw invalid(key, "is missing");
    }
    return value;
  }

  boolean flag(String key, boolean byDefault) {
    Object value = raw(key);
    if (value == null) {
      return byDefault;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw invalid(key, "must be true or false");
  }

  /** A whole number within bounds; null if it is not there. */
  @Nullable Long number(String key, long min, long max) {
    Object value = raw(key);
    if (value == null) {
      return null;
    }
    if (value instanceof Long number && number >= min && number <= max) {
      return number;
    }
    throw invalid(key, "must be a whole number from " + min + " to " + max);
  }

  /** A size, as a number of bytes or a text with a unit, within bounds. */
  ByteSize size(String key, ByteSize byDefault, ByteSize min, ByteSize max) {
    ByteSize size = size(key);
    if (size == null) {
      return byDefault;
    }
    if (size.compareTo(min) < 0 || size.compareTo(max) > 0) {
      throw invalid(key, "must be from " + exact(min) + " to " + exact(max));
    }
    return size;
  }

  /** A size of any amount; null if it is not there. */
  @Nullable ByteSize size(String key) {
    Object value = raw(key);
    if (value instanceof Long bytes && bytes >= 0) {
      return new ByteSize(bytes);
    }
    if (value instanceof String) {
      return parsed(key, ByteSize::parse);
    }
    if (value == null) {
      return null;
    }
    throw invalid(key, "must be a size such as \"512MiB\" or a number of bytes");
  }

  /** A text in the form of {@code parse}; null if it is not there. */
  <T> @Nullable T parsed(String key, Function<String, T> parse) {
    String value = text(key);
    return value == null ? null : parsed(key, value, parse);
  }

  @Nullable Address address(String key) {
    String value = text(key);
    if (value != null && value.startsWith("/")) {
      throw invalid(key, "must be host:port; Unix sockets are not supported");
    }
    return value == null ? null : parsed(key, value, Address::parse);
  }

  /** A list of texts in the form of {@code parse}. */
  <T> List<T> texts(String key, Function<String, T> parse) {
    List<T> all = new ArrayList<>();
    for (Object item : list(key)) {
      if (!(item instanceof String text)) {
        throw invalid(key, "must be a list of strings");
      }
      all.add(parsed(key, text, parse));
    }
    return List.copyOf(all);
  }

  GarageException.InvalidInput invalid(String key, String problem) {
    return file.invalid(prefix + key, prefix + key + " " + problem);
  }

  private <T> T parsed(String key, String value, Function<String, T> parse) {
    try {
      return parse.apply(value);
    } catch (IllegalArgumentException e) {
      throw invalid(key, "is wrong: " + e.getMessage());
    }
  }

  private List<?> list(String key) {
    Object value = raw(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw invalid(key, "must be a list in [brackets]");
  }

  private Map<String, Object> table(String key, Object value) {
    if (!(value instanceof Map<?, ?> table)) {
      throw invalid(key, "must be a table");
    }
    Map<String, Object> typed = new LinkedHashMap<>();
    table.forEach((name, member) -> typed.put((String) name, member));
    return typed;
  }

  private static String exact(ByteSize size) {
    return size.bytes() % 1024 == 0 ? size.binary() : size.decimal();
  }
}
