package garage.simulator.planted;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Loads this project's classes anew, some of them changed: each call that a planted bug leaves out
 * is left out while {@link Awake that bug is awake}. So production code carries no switch for any
 * planted bug - what is released is what was never touched - and all bugs share one set of classes,
 * which is compiled once.
 */
final class PlantingLoader extends ClassLoader {
  private static final String OURS = "garage.";
  private static final ClassDesc AWAKE = ClassDesc.of(Awake.class.getName());
  private static final MethodTypeDesc ASKED =
      MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_int);

  private final Map<Patch, Integer> numbers;
  private final Set<Patch> applied = new LinkedHashSet<>();

  /** {@code numbers} are those of the bugs that the patches make. */
  PlantingLoader(Map<Patch, Integer> numbers) {
    super(PlantingLoader.class.getClassLoader());
    this.numbers = new LinkedHashMap<>(numbers);
  }

  /**
   * Changes every class to be changed, to see at once whether that is possible.
   *
   * @throws IllegalStateException if a patch finds no such call: the code was changed since
   */
  void apply() throws ClassNotFoundException {
    for (Patch patch : numbers.keySet()) {
      loadClass(patch.className());
      if (!applied.contains(patch)) {
        throw new IllegalStateException("there is no such call any more: " + patch);
      }
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OURS)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] bytes = patched(name, read(name));
    return defineClass(name, bytes, 0, bytes.length);
  }

  private byte[] read(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] patched(String name, byte[] original) {
    List<Patch> here = numbers.keySet().stream().filter(p -> p.className().equals(name)).toList();
    byte[] bytes = original;
    for (Patch patch : here) {
      ClassFile file =
          ClassFile.of(
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(getParent())
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      bytes =
          file.transformClass(
              file.parse(bytes),
              ClassTransform.transformingMethodBodies(
                  method -> isChanged(patch, method),
                  CodeTransform.ofStateful(() -> change(patch))));
    }
    return bytes;
  }

  private static boolean isChanged(Patch patch, MethodModel method) {
    return patch.changes(method.methodName().stringValue());
  }

  private CodeTransform change(Patch patch) {
    int[] seen = {0};
    return (code, element) -> {
      if (element instanceof InvokeInstruction call
          && patch.matches(call.owner().asInternalName(), call.name().stringValue())
          && (patch.occurrence() < 0 || seen[0]++ == patch.occurrence())) {
        applied.add(patch);
        int number = Objects.requireNonNull(numbers.get(patch));
        code.loadConstant(number)
            .invokestatic(AWAKE, "is", ASKED)
            .ifThenElse(left -> replace(left, call, patch.effect()), made -> made.with(call));
      } else {
        code.with(element);
      }
    };
  }

  /** Takes the arguments off the stack, and puts on it what the call would have answered. */
  private static void replace(CodeBuilder code, InvokeInstruction call, Patch.Effect effect) {
    List<ClassDesc> arguments = new ArrayList<>(call.typeSymbol().parameterList());
    int kept = effect == Patch.Effect.ARGUMENT ? 1 : 0;
    for (int i = arguments.size() - 1; i >= kept; i--) {
      drop(code, arguments.get(i));
    }
    boolean onObject = call.opcode() != Opcode.INVOKESTATIC;
    switch (effect) {
      case RECEIVER -> {}
      case ARGUMENT -> {
        if (onObject) {
          code.swap().pop();
        }
      }
      case NOTHING, ONE, MINUS_ONE -> {
        if (onObject) {
          code.pop();
        }
        constant(code, TypeKind.from(call.typeSymbol().returnType()), effect);
      }
    }
  }

  private static void drop(CodeBuilder code, ClassDesc type) {
    if (TypeKind.from(type).slotSize() == 2) {
      code.pop2();
    } else {
      code.pop();
    }
  }

  private static void constant(CodeBuilder code, TypeKind type, Patch.Effect effect) {
    int value = effect == Patch.Effect.ONE ? 1 : effect == Patch.Effect.MINUS_ONE ? -1 : 0;
    switch (type) {
      case VOID -> {}
      case REFERENCE -> code.aconst_null();
      case LONG -> code.loadConstant((long) value);
      case DOUBLE -> code.loadConstant((double) value);
      case FLOAT -> code.loadConstant((float) value);
      case BOOLEAN, BYTE, CHAR, SHORT, INT -> code.loadConstant(value);
    }
  }
}
