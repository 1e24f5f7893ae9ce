package garage.common.env.system;

import java.io.IOException;
import java.nio.file.FileStore;
import java.util.Locale;

/**
 * Tells ENOSPC and EDQUOT from other failures. The JDK hands on only the C library's text, which
 * follows the locale: so the space that is left counts as well.
 */
final class DiskFull {
  /**
   * With less than this left, a failed write is one for want of space; a few file system blocks.
   */
  private static final long NEARLY_NOTHING_BYTES = 64 * 1024;

  private DiskFull() {}

  static boolean explains(IOException e, FileStore store) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    if (message.contains("no space left") || message.contains("quota exceeded")) {
      return true;
    }
    try {
      return store.getUsableSpace() < NEARLY_NOTHING_BYTES;
    } catch (IOException unreadable) {
      return false;
    }
  }
}
