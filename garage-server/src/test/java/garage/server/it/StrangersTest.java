package garage.server.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import garage.common.env.Address;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.system.SystemClock;
import garage.rpc.jdk.JdkNetwork;
import garage.server.it.ServerUnderTest.Launch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who does not belong to the cluster is refused, and the logs of both ends say why. */
class StrangersTest {
  private static final int HELLO = 1;
  private static final int REFUSED = 3;
  private static final int OTHER_VERSION = 1;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @Test
  void nodeOfAnotherClusterAndOneOfAnotherVersionAreRefusedWithAReason() throws IOException {
    NodeFiles first = NodeFiles.in(directory.resolve("first")).write();
    NodeFiles second =
        NodeFiles.in(directory.resolve("second"))
            .with("bootstrap_peers = [\"" + first.rpcAddress() + "\"]")
            .write();
    Files.writeString(second.secret(), "6".repeat(64) + "\n");
    try (ServerUnderTest a = new ServerUnderTest(Launch.node(first)).start();
        ServerUnderTest b = new ServerUnderTest(Launch.node(second)).start()) {
      a.awaitLogged("refused: it does not know this cluster's rpc_secret");
      b.awaitLogged("refused: rpc_secret must be the same on both nodes");
      assertEquals(1, peersOf(a), "no stranger is shown as a node");

      ByteBuffer answer = greet(second, 99);
      byte[] refusal = new byte[answer.remaining()];
      answer.get(refusal);
      assertArrayEquals(new byte[] {REFUSED, OTHER_VERSION}, refusal);
      b.awaitLogged("refused: it speaks version 99 of the protocol, this node version 1");
    }
  }

  private static long peersOf(ServerUnderTest server) {
    return server
        .cli("status")
        .succeeded()
        .lines()
        .filter(line -> line.matches("[0-9a-f]{16} .*"))
        .count();
  }

  /** Says hello to a node as a version that does not exist yet; what it answers. */
  private static ByteBuffer greet(NodeFiles node, int version) {
    SystemClock clock = new SystemClock();
    Address address = new Address("127.0.0.1", node.ports().rpc());
    Deadline deadline = Deadline.after(clock, Duration.ofSeconds(30));
    try (Connection connection = new JdkNetwork(clock).connect(address, deadline)) {
      ByteBuffer hello = ByteBuffer.allocate(64);
      hello.put((byte) HELLO).put("GARAGRPC".getBytes(StandardCharsets.US_ASCII));
      hello.put((byte) version).put("of the future".getBytes(StandardCharsets.US_ASCII));
      connection.send(hello.flip());
      ByteBuffer answer = connection.receive();
      assertNotNull(answer, "the connection ended without a reason");
      return answer;
    }
  }
}
