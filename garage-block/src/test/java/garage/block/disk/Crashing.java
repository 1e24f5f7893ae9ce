package garage.block.disk;

import garage.common.env.Disk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Set;

/** Ends everything at the n-th change made through any of its disks. */
final class Crashing {
  private static final Set<String> CHANGES =
      Set.of("create", "rename", "delete", "createDirectories", "syncDirectory", "replace");

  private int left;

  Crashing(int changes) {
    left = changes;
  }

  /** The process has ended. */
  static final class Crash extends RuntimeException {}

  Disk of(Disk disk) {
    return (Disk)
        Proxy.newProxyInstance(
            Crashing.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("replace")) {
                replace((Disk) proxy, (String) arguments[0], (byte[]) arguments[1]);
                return null;
              }
              if (CHANGES.contains(method.getName()) && left-- <= 0) {
                throw new Crash();
              }
              try {
                return method.invoke(disk, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** As the interface's own, but each step may be the last. */
  private static void replace(Disk disk, String path, byte[] bytes) {
    try (var file = disk.create(path + ".tmp")) {
      file.write(0, ByteBuffer.wrap(bytes));
      file.sync();
    }
    disk.rename(path + ".tmp", path);
    disk.syncDirectory("");
  }
}
