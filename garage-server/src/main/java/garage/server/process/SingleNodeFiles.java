package garage.server.process;

import garage.common.env.Address;
import garage.common.env.system.SystemRandom;
import garage.common.error.GarageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;

/** The directory of a node alone: its {@code garage.toml}, metadata and data. */
final class SingleNodeFiles {
  private static final int SECRET_BYTES = 32;

  private SingleNodeFiles() {}

  /**
   * Makes the directory and its configuration, if there are none; returns the latter's path.
   *
   * @param host the address at which clients are served; other nodes and the CLI come by loopback
   */
  static String prepare(String directory, String host) {
    Path root = Path.of(directory).toAbsolutePath().normalize();
    Path file = root.resolve("garage.toml");
    try {
      Files.createDirectories(root);
      if (!Files.exists(file)) {
        write(file, configuration(root, host));
      }
    } catch (IOException e) {
      throw new GarageException.StorageFailed("cannot write " + file + ": " + e, e);
    }
    return file.toString();
  }

  /** Only its owner may read it: the secret is in it. */
  private static void write(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling("garage.toml.tmp");
    Files.deleteIfExists(temporary);
    var mode = PosixFilePermissions.fromString("rw-------");
    Files.createFile(temporary, PosixFilePermissions.asFileAttribute(mode));
    Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String configuration(Path root, String host) {
    String secret = HexFormat.of().formatHex(new SystemRandom().bytes(SECRET_BYTES));
    return """
    # A node alone, made by `garage server --single-node`. Change it as you like: it is read at
    # every start and never written again.
    metadata_dir = "%s"
    data_dir = "%s"
    replication_factor = 1

    rpc_bind_addr = "127.0.0.1:3901"
    rpc_secret = "%s"

    [s3_api]
    s3_region = "garage"
    api_bind_addr = "%s"

    # A bucket with website access is http://BUCKET.web.localhost:3903/
    [s3_web]
    bind_addr = "%s"
    root_domain = ".web.localhost"

    [admin]
    api_bind_addr = "%s"
    """
        .formatted(
            quoted(root.resolve("meta").toString()),
            quoted(root.resolve("data").toString()),
            secret,
            served(host, 3900),
            served(host, 3903),
            served(host, 3902));
  }

  private static String served(String host, int port) {
    boolean bare = host.contains(":") && !host.startsWith("[");
    try {
      return quoted(Address.parse((bare ? "[" + host + "]" : host) + ":" + port).toString());
    } catch (IllegalArgumentException e) {
      throw new GarageException.InvalidInput("--host: " + e.getMessage(), e);
    }
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
