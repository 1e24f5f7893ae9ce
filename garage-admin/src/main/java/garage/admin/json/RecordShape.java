package garage.admin.json;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What reflection says of a record class, found out once: each question makes new objects, and the
 * first use of each is slow.
 */
record RecordShape(List<Component> components, Constructor<?> canonical) {
  private static final ClassValue<RecordShape> SHAPES =
      new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
          List<Component> components =
              Stream.of(type.getRecordComponents()).map(Component::of).toList();
          return new RecordShape(components, type.getDeclaredConstructors()[0]);
        }
      };

  /** A component; {@code optional} if it is {@code @Nullable}. */
  record Component(String name, Type type, boolean optional, Method accessor) {
    private static Component of(RecordComponent component) {
      return new Component(
          component.getName(),
          component.getGenericType(),
          component.getAnnotatedType().isAnnotationPresent(Nullable.class),
          component.getAccessor());
    }
  }

  /** The shape of a record class. */
  static RecordShape of(Class<?> type) {
    return SHAPES.get(type);
  }
}
