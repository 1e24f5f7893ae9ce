package garage.server.config;

import garage.common.env.HostFiles;
import garage.common.error.GarageException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds a secret: the override's value, the override's file, the config's value, the config's file,
 * in that order. A file that others may read is refused unless that is allowed.
 */
final class Secrets {
  private final HostFiles files;
  private final ConfigOverrides overrides;
  private final boolean othersMayRead;

  Secrets(HostFiles files, ConfigOverrides overrides, boolean othersMayRead) {
    this.files = files;
    this.overrides = overrides;
    this.othersMayRead = othersMayRead;
  }

  /** The secret kept under {@code key} and {@code key_file}; null if there is none anywhere. */
  @Nullable Secret find(Section section, String key) {
    String option = key.replace('_', '-');
    String value = section.text(key);
    String file = section.text(key + "_file");
    if (value != null && file != null) {
      throw section.invalid(key, "and " + key + "_file are both set: keep one");
    }
    String given = overrides.get(option);
    if (given != null) {
      return new Secret(given);
    }
    String givenFile = overrides.get(option + "-file");
    if (givenFile != null) {
      return read(givenFile);
    }
    if (value != null) {
      return new Secret(value);
    }
    return file == null ? null : read(file);
  }

  private Secret read(String path) {
    if (!othersMayRead && files.othersHaveAccess(path)) {
      throw new GarageException.InvalidInput(
          "secret file "
              + path
              + " is accessible to its group or to others: run chmod 600 "
              + path
              + ", or set allow_world_readable_secrets = true");
    }
    return new Secret(new String(files.read(path), StandardCharsets.UTF_8).stripTrailing());
  }
}
