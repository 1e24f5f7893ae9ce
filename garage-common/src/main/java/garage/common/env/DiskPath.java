package garage.common.env;

/** The form of the paths a {@link Disk} takes; every implementation refuses the same ones. */
public final class DiskPath {
  private DiskPath() {}

  /**
   * Answers {@code path} if it names a file or directory below the root.
   *
   * @throws IllegalArgumentException if it is empty, absolute, or has an empty, {@code .} or {@code
   *     ..} segment or a NUL
   */
  public static String file(String path) {
    for (String segment : path.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw new IllegalArgumentException("not a path inside the disk: '" + path + "'");
      }
    }
    if (path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a path with a NUL");
    }
    return path;
  }

  /** As {@link #file}, but the empty path is the root. */
  public static String directory(String path) {
    return path.isEmpty() ? path : file(path);
  }

  /** The directory {@code path} is in; empty for the root. */
  public static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }
}
