package garage.simulator.planted;

/**
 * A change of one method: calls of another method in it are not made, and what they would have
 * answered is made up.
 *
 * @param className of the method that is changed
 * @param method its name; its lambdas are changed too
 * @param callee the class, without package, and name of the method that is not called
 * @param occurrence which call, from 0; -1 for all
 */
record Patch(String className, String method, String callee, int occurrence, Effect effect) {
  /** What takes the place of a call. */
  enum Effect {
    /** Nothing, or zero, false or null. */
    NOTHING,
    /** One, or true. */
    ONE,
    /** Minus one. */
    MINUS_ONE,
    /** The object it is called on. */
    RECEIVER,
    /** Its first argument. */
    ARGUMENT
  }

  boolean changes(String methodName) {
    return methodName.equals(method) || methodName.startsWith("lambda$" + method + "$");
  }

  boolean matches(String owner, String name) {
    return callee.equals(owner.substring(owner.lastIndexOf('/') + 1) + "." + name);
  }
}
