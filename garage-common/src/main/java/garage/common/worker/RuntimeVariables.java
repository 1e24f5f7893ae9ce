package garage.common.worker;

import garage.common.error.GarageException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What an operator may look at, and some of it change, while the node runs; by name. */
public final class RuntimeVariables {
  private final Map<String, Variable> variables = new TreeMap<>();

  /** {@code variables} have different names. */
  public RuntimeVariables(Collection<Variable> variables) {
    for (Variable variable : variables) {
      if (this.variables.putIfAbsent(variable.name(), variable) != null) {
        throw new IllegalArgumentException("two variables named " + variable.name());
      }
    }
  }

  /**
   * One of them.
   *
   * @param set null for one that is only shown; throws {@link GarageException.InvalidInput} for a
   *     value it does not take, and keeps the others over restarts
   */
  public record Variable(String name, Supplier<String> get, @Nullable Consumer<String> set) {
    /** One that is only shown. */
    public static Variable shown(String name, Supplier<String> get) {
      return new Variable(name, get, null);
    }
  }

  /** Every value. */
  public Map<String, String> all() {
    Map<String, String> values = new TreeMap<>();
    variables.forEach((name, variable) -> values.put(name, variable.get().get()));
    return values;
  }

  /**
   * The value of one.
   *
   * @throws GarageException.InvalidInput if there is no such
   */
  public String get(String name) {
    return find(name).get().get();
  }

  /**
   * Changes one, and answers its value from then on.
   *
   * @throws GarageException.InvalidInput if there is no such, it cannot be changed, or not to that
   */
  public String set(String name, String value) {
    Variable variable = find(name);
    if (variable.set() == null) {
      throw new GarageException.InvalidInput("the variable '" + name + "' cannot be changed");
    }
    variable.set().accept(value);
    return variable.get().get();
  }

  private Variable find(String name) {
    Variable variable = variables.get(name);
    if (variable == null) {
      throw new GarageException.InvalidInput(
          "there is no variable '"
              + name
              + "'; there are: "
              + String.join(", ", variables.keySet()));
    }
    return variable;
  }
}
