package garage.admin.json;

import garage.admin.api.Bare;
import garage.admin.api.OmitNull;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns records into the values of {@link garage.http.json.JsonText}: a member for each component.
 */
final class RecordWriter {
  private RecordWriter() {}

  static @Nullable Object tree(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case String text -> text;
      case Boolean flag -> flag;
      case Long number -> number;
      case Integer number -> number;
      case Double number -> number;
      case Instant instant -> instant.toString();
      case List<?> items -> items(items);
      case Map<?, ?> members -> members(members);
      case Record component -> components(component);
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    };
  }

  private static List<@Nullable Object> items(List<?> items) {
    List<@Nullable Object> all = new ArrayList<>(items.size());
    items.forEach(item -> all.add(tree(item)));
    return all;
  }

  private static Map<String, @Nullable Object> members(Map<?, ?> members) {
    Map<String, @Nullable Object> all = new TreeMap<>();
    members.forEach((name, member) -> all.put((String) name, tree(member)));
    return all;
  }

  private static @Nullable Object components(Record value) {
    Class<?> type = value.getClass();
    List<RecordShape.Component> components = RecordShape.of(type).components();
    if (type.isAnnotationPresent(Bare.class)) {
      return components.isEmpty() ? null : tree(get(value, components.getFirst()));
    }
    if (components.isEmpty() && RecordReader.isChoice(type)) {
      return choiceName(type);
    }
    boolean omit = type.isAnnotationPresent(OmitNull.class);
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    for (RecordShape.Component component : components) {
      Object member = tree(get(value, component));
      if (member != null || !omit) {
        members.put(component.name(), member);
      }
    }
    return members;
  }

  /** The text that stands for a choice without components. */
  static String choiceName(Class<?> type) {
    String name = type.getSimpleName();
    return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
  }

  private static @Nullable Object get(Record value, RecordShape.Component component) {
    try {
      return component.accessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("an unreadable component " + component, e);
    }
  }
}
