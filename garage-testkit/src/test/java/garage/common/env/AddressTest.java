package garage.common.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Addresses as users write them. */
final class AddressTest {
  @Test
  void hostAndPortAreReadAndShownAlike() {
    for (Address address :
        List.of(
            new Address("localhost", 3901),
            new Address("10.0.0.1", 0),
            new Address("::1", 65535),
            new Address("2001:db8::7", 80))) {
      assertEquals(address, Address.parse(address.toString()));
    }
    assertEquals("[::]:3900", new Address("::", 3900).toString());
  }

  @Test
  void whatIsNotAnAddressIsRefusedWithWordsForTheUser() {
    for (String bad :
        List.of("", "host", ":80", "host:", "host:x", "host:65536", "host:-1", "[]:80", "[::1]")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> Address.parse(bad), bad);
      assertTrue(refused.toString().contains(bad), refused.toString());
    }
  }

  @Test
  void bareIpv6AddressIsRefusedWithTheRightForm() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Address.parse("2001:db8::7:3901"));
    assertTrue(refused.toString().contains("[address]:port"));
  }
}
