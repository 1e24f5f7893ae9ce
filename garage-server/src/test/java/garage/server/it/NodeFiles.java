package garage.server.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A node's configuration on disk: {@code garage.toml} and a secret file, both in {@code root},
 * where its metadata and data go too.
 *
 * @param settings more lines of the configuration's top level
 */
record NodeFiles(Path root, Path storage, Ports ports, String settings) {
  /** The secret of every cluster of these tests. */
  static final String SECRET = "5".repeat(64);

  static final String REGION = "garage";
  private static final String HOST = "127.0.0.1";

  /** The ports of a node, free when they were chosen. */
  record Ports(int s3, int rpc, int admin, int web) {
    static Ports choose() {
      try (ServerSocket a = any();
          ServerSocket b = any();
          ServerSocket c = any();
          ServerSocket d = any()) {
        return new Ports(a.getLocalPort(), b.getLocalPort(), c.getLocalPort(), d.getLocalPort());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static ServerSocket any() throws IOException {
      return new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    }
  }

  /** Files in {@code root} for a node with one copy of everything. */
  static NodeFiles in(Path root) {
    return new NodeFiles(root, root, Ports.choose(), "replication_factor = 1\n");
  }

  /** Files in {@code root} for a node of a cluster with so many copies of everything. */
  static NodeFiles copies(Path root, int copies) {
    return new NodeFiles(root, root, Ports.choose(), "replication_factor = " + copies + "\n");
  }

  NodeFiles with(String line) {
    return new NodeFiles(root, storage, ports, settings + line + "\n");
  }

  NodeFiles storingIn(Path other) {
    return new NodeFiles(root, other, ports, settings);
  }

  Path config() {
    return root.resolve("garage.toml");
  }

  Path secret() {
    return root.resolve("rpc_secret");
  }

  Path data() {
    return storage.resolve("data");
  }

  URI endpoint() {
    return URI.create("http://" + HOST + ":" + ports.s3());
  }

  URI admin() {
    return URI.create("http://" + HOST + ":" + ports.admin());
  }

  String rpcAddress() {
    return HOST + ":" + ports.rpc();
  }

  /** Writes both files; those that are there are replaced. */
  NodeFiles write() {
    try {
      Files.createDirectories(root);
      Files.writeString(config(), text());
      Files.writeString(secret(), SECRET + "\n");
      Files.setPosixFilePermissions(secret(), PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  private String text() {
    return """
    metadata_dir = "%s"
    data_dir = "%s"
    rpc_bind_addr = "%s"
    rpc_secret_file = "%s"
    %s
    [s3_api]
    s3_region = "%s"
    api_bind_addr = "%s:%d"

    [s3_web]
    bind_addr = "%s:%d"
    root_domain = ".web.test"

    [admin]
    api_bind_addr = "%s:%d"
    """
        .formatted(
            storage.resolve("meta"),
            data(),
            rpcAddress(),
            secret(),
            settings,
            REGION,
            HOST,
            ports.s3(),
            HOST,
            ports.web(),
            HOST,
            ports.admin());
  }
}
