package garage.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The decoded parameters of a query string, in order, repeated names included. */
public record Query(List<Parameter> parameters) {
  /** No parameters. */
  public static final Query EMPTY = new Query(List.of());

  /** A parameter without {@code =} has the empty value. */
  public record Parameter(String name, String value) {}

  public Query {
    parameters = List.copyOf(parameters);
  }

  /** Parses what stands after the question mark; null if its encoding is malformed. */
  public static @Nullable Query parse(String raw) {
    if (raw.isEmpty()) {
      return EMPTY;
    }
    List<Parameter> parameters = new ArrayList<>();
    for (int from = 0; from <= raw.length(); ) {
      int end = raw.indexOf('&', from);
      end = end < 0 ? raw.length() : end;
      if (end > from) {
        Parameter parameter = parameter(raw.substring(from, end));
        if (parameter == null) {
          return null;
        }
        parameters.add(parameter);
      }
      from = end + 1;
    }
    return new Query(parameters);
  }

  private static @Nullable Parameter parameter(String raw) {
    int equals = raw.indexOf('=');
    String name = UriEncoding.decodeQuery(equals < 0 ? raw : raw.substring(0, equals));
    String value = UriEncoding.decodeQuery(equals < 0 ? "" : raw.substring(equals + 1));
    return name == null || value == null ? null : new Parameter(name, value);
  }

  /** The first value of {@code name}, or null; names are case-sensitive. */
  public @Nullable String first(String name) {
    for (Parameter parameter : parameters) {
      if (parameter.name.equals(name)) {
        return parameter.value;
      }
    }
    return null;
  }

  /** Whether there is a parameter of this name. */
  public boolean contains(String name) {
    return first(name) != null;
  }

  /** A name that occurs more than once, or null. */
  public @Nullable String repeated() {
    for (int i = 1; i < parameters.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (parameters.get(i).name.equals(parameters.get(j).name)) {
          return parameters.get(i).name;
        }
      }
    }
    return null;
  }
}
