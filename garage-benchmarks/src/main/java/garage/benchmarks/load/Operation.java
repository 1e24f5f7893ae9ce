package garage.benchmarks.load;

import java.util.Locale;

/** What is measured. */
enum Operation {
  PUT,
  GET,
  HEAD,
  RANGE,
  DELETE,
  LIST;

  static Operation parse(String text) {
    for (Operation operation : values()) {
      if (operation.toString().equalsIgnoreCase(text)) {
        return operation;
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not an operation: put, get, head, range, delete, list");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
