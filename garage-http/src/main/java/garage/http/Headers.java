package garage.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Header fields in the order they were sent or added, repeated names included. Names are found in
 * either case. No name or value can hold a line break, so none can add a field by stealth.
 */
public final class Headers {
  /** No fields. */
  public static final Headers EMPTY = new Headers(new String[0]);

  /** Names at even places, values at odd ones. */
  private final String[] fields;

  private Headers(String[] fields) {
    this.fields = fields;
  }

  /** Fields from alternating names and values. */
  public static Headers of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a name without a value");
    }
    Builder builder = new Builder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      builder.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return builder.build();
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** The first value of {@code name}, or null. */
  public @Nullable String first(String name) {
    for (int i = 0; i < fields.length; i += 2) {
      if (fields[i].equalsIgnoreCase(name)) {
        return fields[i + 1];
      }
    }
    return null;
  }

  /** All values of {@code name} in order. */
  public List<String> all(String name) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < fields.length; i += 2) {
      if (fields[i].equalsIgnoreCase(name)) {
        values.add(fields[i + 1]);
      }
    }
    return List.copyOf(values);
  }

  /** Whether there is a field of this name. */
  public boolean contains(String name) {
    return first(name) != null;
  }

  /** The number of fields. */
  public int size() {
    return fields.length / 2;
  }

  /** The name of the field at {@code index}, as it was sent. */
  public String name(int index) {
    return fields[2 * index];
  }

  /** The value of the field at {@code index}. */
  public String value(int index) {
    return fields[2 * index + 1];
  }

  /** Passes each field's name and value, in order. */
  public void forEach(BiConsumer<String, String> action) {
    for (int i = 0; i < fields.length; i += 2) {
      action.accept(fields[i], fields[i + 1]);
    }
  }

  /** These fields and one more. */
  public Headers with(String name, String value) {
    return toBuilder().add(name, value).build();
  }

  /** A builder that starts with these fields. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.fields.addAll(Arrays.asList(fields));
    return builder;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Headers that && Arrays.equals(fields, that.fields);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(fields);
  }

  /** The names only: values may be secret. */
  @Override
  public String toString() {
    StringBuilder names = new StringBuilder("[");
    for (int i = 0; i < fields.length; i += 2) {
      names.append(i == 0 ? "" : ", ").append(fields[i]);
    }
    return names.append(']').toString();
  }

  /** Collects fields; for one task. */
  public static final class Builder {
    private final List<String> fields = new ArrayList<>();

    private Builder() {}

    /** Adds a field after the others. */
    public Builder add(String name, String value) {
      if (!isToken(name)) {
        throw new IllegalArgumentException("not a header name: '" + name + "'");
      }
      if (!isValue(value)) {
        throw new IllegalArgumentException("not a value for header " + name);
      }
      fields.add(name);
      fields.add(value);
      return this;
    }

    /** Adds a field if {@code value} is not null. */
    public Builder addIfPresent(String name, @Nullable String value) {
      return value == null ? this : add(name, value);
    }

    /** Replaces every field of this name by one. */
    public Builder set(String name, String value) {
      return remove(name).add(name, value);
    }

    /** Removes every field of this name. */
    public Builder remove(String name) {
      for (int i = fields.size() - 2; i >= 0; i -= 2) {
        if (fields.get(i).equalsIgnoreCase(name)) {
          fields.remove(i + 1);
          fields.remove(i);
        }
      }
      return this;
    }

    /** The fields so far. */
    public Headers build() {
      return fields.isEmpty() ? EMPTY : new Headers(fields.toArray(new String[0]));
    }
  }

  /** Whether {@code text} is a token of RFC 9110 §5.6.2, as names and methods are. */
  public static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isTokenCharacter(text.charAt(i))) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean isTokenCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }

  /** Whether {@code text} can stand in one header line. */
  public static boolean isValue(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < 0x20 && c != '\t') || c == 0x7f) {
        return false;
      }
    }
    return true;
  }
}
