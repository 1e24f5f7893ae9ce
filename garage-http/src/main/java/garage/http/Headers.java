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

  /** Room for the fields of a usual request, names and values. */
  private static final int USUAL_STRINGS = 32;

  /** The characters of tokens below 64, and from there to 127, a bit each. */
  private static final long TOKENS_LOW = bits("!#$%&'*+-.0123456789", 0);

  private static final long TOKENS_HIGH =
      bits("ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~", Long.SIZE);

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
    int index = indexOf(name, 0);
    return index < 0 ? null : fields[index + 1];
  }

  /** Where the next name of {@code name} stands, or -1. */
  private int indexOf(String name, int from) {
    for (int i = from; i < fields.length; i += 2) {
      if (fields[i].equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }

  /** All values of {@code name} in order. */
  public List<String> all(String name) {
    int first = indexOf(name, 0);
    if (first < 0) {
      return List.of();
    }
    int next = indexOf(name, first + 2);
    if (next < 0) {
      return List.of(fields[first + 1]);
    }
    List<String> values = new ArrayList<>(List.of(fields[first + 1]));
    for (int i = next; i >= 0; i = indexOf(name, i + 2)) {
      values.add(fields[i + 1]);
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
    Builder.check(name, value);
    String[] more = Arrays.copyOf(fields, fields.length + 2);
    more[fields.length] = name;
    more[fields.length + 1] = value;
    return new Headers(more);
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
    private final List<String> fields = new ArrayList<>(USUAL_STRINGS);

    private Builder() {}

    /** Adds a field after the others. */
    public Builder add(String name, String value) {
      check(name, value);
      fields.add(name);
      fields.add(value);
      return this;
    }

    /** As {@link #add}, if it is a name and a value; answers whether it is. */
    public boolean addIfValid(String name, String value) {
      if (!isToken(name) || !isValue(value)) {
        return false;
      }
      fields.add(name);
      fields.add(value);
      return true;
    }

    private static void check(String name, String value) {
      if (!isToken(name)) {
        throw new IllegalArgumentException("not a header name: '" + name + "'");
      }
      if (!isValue(value)) {
        throw new IllegalArgumentException("not a value for header " + name);
      }
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
    long tokens = c < Long.SIZE ? TOKENS_LOW : c < 2 * Long.SIZE ? TOKENS_HIGH : 0;
    return (tokens >>> c & 1) != 0; // a shift takes the character's last six bits
  }

  private static long bits(String characters, int from) {
    long bits = 0;
    for (int i = 0; i < characters.length(); i++) {
      bits |= 1L << (characters.charAt(i) - from);
    }
    return bits;
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
