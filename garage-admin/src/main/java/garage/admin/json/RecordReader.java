package garage.admin.json;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.AdminRequest;
import garage.admin.api.AdminResponse;
import garage.admin.api.Bare;
import garage.admin.api.NodeAnswers;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds records from the values of {@link garage.http.json.JsonText}. A component that is not
 * {@code @Nullable} has to be there. A sealed interface is read by the member that its choices have
 * as only component, or by the name of the choice that has none.
 */
final class RecordReader {
  private final boolean strict;

  /** {@code strict} refuses members that are no component, as a request must. */
  RecordReader(boolean strict) {
    this.strict = strict;
  }

  /**
   * The record in {@code tree}.
   *
   * @throws AdminFailure if the value does not fit the type
   */
  <T> T read(Class<T> type, @Nullable Object tree) {
    return type.cast(convert(type, tree, ""));
  }

  /** The answers of nodes, each of {@code type}. */
  <T extends Record> NodeAnswers<T> readPerNode(Class<T> type, @Nullable Object tree) {
    Map<?, ?> members = object(tree, "");
    Map<String, T> success = new LinkedHashMap<>();
    object(members.get("success"), "success")
        .forEach((id, member) ->
            success.put((String) id, type.cast(convert(type, member, "success." + id))));
    Map<String, String> error = new LinkedHashMap<>();
    object(members.get("error"), "error")
        .forEach((id, reason) -> error.put((String) id, String.valueOf(reason)));
    return new NodeAnswers<>(success, error);
  }

  /** Whether a record is one of the choices of a sealed interface that is a value itself. */
  static boolean isChoice(Class<?> type) {
    for (Class<?> parent : type.getInterfaces()) {
      if (parent.isSealed()
          && !AdminRequest.class.isAssignableFrom(parent)
          && !AdminResponse.class.isAssignableFrom(parent)) {
        return true;
      }
    }
    return false;
  }

  private Object convert(Type type, @Nullable Object tree, String where) {
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == List.class
          ? list(generic.getActualTypeArguments()[0], tree, where)
          : map(generic.getActualTypeArguments()[1], tree, where);
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isRecord()) {
      return record(plain, tree, where);
    }
    return plain.isSealed() ? choice(plain, tree, where) : scalar(plain, tree, where);
  }

  private static Object scalar(Class<?> type, @Nullable Object tree, String where) {
    if (type == String.class && tree instanceof String text) {
      return text;
    }
    if ((type == boolean.class || type == Boolean.class) && tree instanceof Boolean flag) {
      return flag;
    }
    if ((type == long.class || type == Long.class) && tree instanceof Long number) {
      return number;
    }
    if (type == double.class && tree instanceof Number number) {
      return number.doubleValue();
    }
    if ((type == int.class || type == Integer.class)
        && tree instanceof Long number
        && number == number.intValue()) {
      return number.intValue();
    }
    if (type == Instant.class && tree instanceof String text) {
      return instant(text, where);
    }
    throw invalid(where, "must be a " + word(type));
  }

  private static String word(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "String" -> "string";
      case "Boolean", "boolean" -> "boolean";
      case "Instant" -> "date";
      default -> "whole number";
    };
  }

  private static Instant instant(String text, String where) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw invalid(where, "must be a date such as 2030-01-31T12:00:00Z");
    }
  }

  private List<Object> list(Type item, @Nullable Object tree, String where) {
    if (!(tree instanceof List<?> items)) {
      throw invalid(where, "must be a list");
    }
    List<Object> all = new ArrayList<>(items.size());
    for (Object member : items) {
      all.add(convert(item, member, where + "[" + all.size() + "]"));
    }
    return all;
  }

  private Map<String, Object> map(Type member, @Nullable Object tree, String where) {
    Map<String, Object> all = new LinkedHashMap<>();
    object(tree, where)
        .forEach((name, value) ->
            all.put((String) name, convert(member, value, inside(where, (String) name))));
    return all;
  }

  private Object choice(Class<?> type, @Nullable Object tree, String where) {
    for (Class<?> option : type.getPermittedSubclasses()) {
      List<RecordShape.Component> components = RecordShape.of(option).components();
      boolean named = components.isEmpty() && RecordWriter.choiceName(option).equals(tree);
      boolean member =
          components.size() == 1
              && tree instanceof Map<?, ?> members
              && members.containsKey(components.getFirst().name());
      if (named || member) {
        return record(option, member ? tree : Map.of(), where);
      }
    }
    throw invalid(where, "is none of the values possible here");
  }

  private Object record(Class<?> type, @Nullable Object tree, String where) {
    RecordShape shape = RecordShape.of(type);
    List<RecordShape.Component> components = shape.components();
    @Nullable Object[] values = new @Nullable Object[components.size()];
    if (type.isAnnotationPresent(Bare.class)) {
      if (components.size() == 1) {
        values[0] = convert(components.getFirst().type(), tree, where);
      }
    } else {
      // A request without components may come without a value too.
      Map<?, ?> members = tree == null && components.isEmpty() ? Map.of() : object(tree, where);
      fill(components, members, where, values);
    }
    return construct(shape.canonical(), values, where);
  }

  private void fill(
      List<RecordShape.Component> components,
      Map<?, ?> members,
      String where,
      @Nullable Object[] values) {
    Set<Object> unknown = new HashSet<>(members.keySet());
    unknown.removeIf(name -> members.get(name) == null); // says nothing
    for (int i = 0; i < values.length; i++) {
      RecordShape.Component component = components.get(i);
      String name = component.name();
      unknown.remove(name);
      Object member = members.get(name);
      if (member != null) {
        values[i] = convert(component.type(), member, inside(where, name));
      } else if (!component.optional()) {
        throw invalid(inside(where, name), "is missing");
      }
    }
    if (strict && !unknown.isEmpty()) {
      throw invalid(inside(where, String.valueOf(unknown.iterator().next())), "is not known");
    }
  }

  private static Map<?, ?> object(@Nullable Object tree, String where) {
    if (tree instanceof Map<?, ?> members) {
      return members;
    }
    throw invalid(where, "must be an object");
  }

  private static Object construct(
      Constructor<?> canonical, @Nullable Object[] values, String where) {
    try {
      return canonical.newInstance(values);
    } catch (InvocationTargetException e) {
      throw invalid(where, String.valueOf(e.getTargetException().getMessage()));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record that cannot be made: " + canonical, e);
    }
  }

  private static String inside(String where, String name) {
    return where.isEmpty() ? name : where + "." + name;
  }

  private static AdminFailure invalid(String where, String problem) {
    String field = where.isEmpty() ? "the value" : "field '" + where + "'";
    return new AdminFailure(AdminError.invalidRequest("Invalid JSON: " + field + " " + problem));
  }
}
