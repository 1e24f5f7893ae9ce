package garage.server.config;

import garage.common.env.HostFiles;
import garage.common.error.GarageException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files that exist only in the test. */
final class FakeFiles implements HostFiles {
  private final Map<String, String> texts = new HashMap<>();
  private final Set<String> open = new HashSet<>();

  FakeFiles with(String path, String text) {
    texts.put(path, text);
    return this;
  }

  FakeFiles accessibleToOthers(String path) {
    open.add(path);
    return this;
  }

  @Override
  public boolean exists(String path) {
    return texts.containsKey(path);
  }

  @Override
  public byte[] read(String path) {
    @Nullable String text = texts.get(path);
    if (text == null) {
      throw new GarageException.Missing("there is no file " + path);
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean othersHaveAccess(String path) {
    return open.contains(path);
  }
}
