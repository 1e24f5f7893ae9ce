package garage.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import garage.server.config.Subnet;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which of a machine's addresses peers are told. */
class PublicAddressTest {
  private static final List<InetAddress> MACHINE =
      Stream.of("127.0.0.1", "fe80::1", "192.168.1.7", "10.20.30.40", "fd00::5", "10.99.0.1")
          .map(InetAddress::ofLiteral)
          .toList();

  private static Optional<String> within(String subnet) {
    return PublicAddress.first(MACHINE, Subnet.parse(subnet));
  }

  @Test
  void firstThatOthersReachIsTaken() {
    assertEquals(Optional.of("192.168.1.7"), PublicAddress.first(MACHINE, null));
  }

  @Test
  void onlyTheSubnetCounts() {
    assertEquals(Optional.of("10.20.30.40"), within("10.0.0.0/8"));
    assertEquals(Optional.of("10.99.0.1"), within("10.99.7.7/16"));
    assertEquals(Optional.of("10.20.30.40"), within("10.20.30.40/32"));
    assertEquals(Optional.of("192.168.1.7"), within("0.0.0.0/0"));
    assertEquals(Optional.of("fd00:0:0:0:0:0:0:5"), within("fd00::/8"));
    assertEquals(Optional.of("fd00:0:0:0:0:0:0:5"), within("::/0"));
    assertEquals(Optional.empty(), within("172.16.0.0/12"));
    assertEquals(Optional.empty(), within("127.0.0.0/8"));
  }

  @Test
  void whatIsNoSubnetIsRefused() {
    for (String text :
        List.of("", "10.0.0.0", "10.0.0/8", "10.0.0.0/33", "10.0.0.256/8", "a::b::c/8", "::/129")) {
      assertThrows(IllegalArgumentException.class, () -> Subnet.parse(text), text);
    }
  }
}
