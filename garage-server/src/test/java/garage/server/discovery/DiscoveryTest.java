package garage.server.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Address;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.rpc.peering.PeerAddress;
import garage.rpc.peering.PeerSource;
import garage.server.discovery.DiscoverySettings.Consul;
import garage.server.discovery.DiscoverySettings.ConsulApi;
import garage.server.discovery.DiscoverySettings.Kubernetes;
import garage.server.discovery.DiscoverySettings.Tls;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nodes announce themselves to a service and find each other there. */
class DiscoveryTest {
  private static final NodeId A = NodeId.parse("a1".repeat(32));
  private static final NodeId B = NodeId.parse("b2".repeat(32));
  private static final Address AT_A = new Address("10.0.0.1", 3901);
  private static final Address AT_B = new Address("10.0.0.2", 3911);

  private final FakeService service = new FakeService();

  private PeerSource consul(ConsulApi api) {
    return new ConsulPeers(
        new Consul(
            api,
            "http://127.0.0.1:8500",
            "store",
            Tls.DEFAULT,
            "let me in",
            List.of("fast"),
            Map.of("rack", "7")),
        service);
  }

  private PeerSource kubernetes(boolean skipCrd) {
    return new KubernetesPeers(
        new Kubernetes("ns", "store", skipCrd), service, () -> "account token\n");
  }

  private static void findsWhatIsAnnounced(PeerSource source) {
    source.announce(A, AT_A, "host-a", Deadline.NEVER);
    source.announce(B, new Address("10.0.0.3", 1), "host-b", Deadline.NEVER);
    source.announce(B, AT_B, "host-b", Deadline.NEVER); // it has moved
    assertEquals(
        List.of(new PeerAddress(A, AT_A), new PeerAddress(B, AT_B)), source.peers(Deadline.NEVER));
  }

  @Test
  void nodesOfConsulsCatalogFindEachOther() {
    findsWhatIsAnnounced(consul(ConsulApi.CATALOG));
    Map<String, Object> entry = FakeService.object(service.entries.get(A.toString()));
    assertEquals("store", entry.get("ServiceName"));
    assertEquals(List.of("advertised-by-garage", "fast"), entry.get("ServiceTags"));
    assertEquals(
        Map.of(
            "rack",
            "7",
            "fr-deuxfleurs-garagehq-pubkey",
            A.toString(),
            "fr-deuxfleurs-garagehq-hostname",
            "host-a"),
        entry.get("ServiceMeta"));
    assertEquals("/v1/catalog/register", service.requests.getFirst().path());
    assertTrue(
        service.requests.stream()
            .allMatch(request -> "let me in".equals(request.headers().get("X-Consul-Token"))));
    assertEquals("/v1/catalog/service/store", service.requests.getLast().path());
  }

  @Test
  void nodesOfConsulsAgentsFindEachOther() {
    findsWhatIsAnnounced(consul(ConsulApi.AGENT));
    assertEquals(
        "/v1/agent/service/register?replace-existing-checks", service.requests.getFirst().path());
  }

  @Test
  void instanceThatIsNoNodeIsPassedOver() {
    service.entries.put("x", Map.of("Address", "10.0.0.9", "ServicePort", 80L));
    service.entries.put(
        "y",
        Map.of(
            "Address",
            "10.0.0.9",
            "ServicePort",
            80L,
            "ServiceMeta",
            Map.of("fr-deuxfleurs-garagehq-pubkey", "not a key")));
    assertEquals(List.of(), consul(ConsulApi.CATALOG).peers(Deadline.NEVER));
  }

  @Test
  void nodesOfKubernetesMakeTheirKindAndFindEachOther() {
    PeerSource source = kubernetes(false);
    assertEquals(List.of(), source.peers(Deadline.NEVER));
    findsWhatIsAnnounced(source);
    assertTrue(service.kindIsThere);
    Map<String, Object> resource = FakeService.object(service.entries.get(A.toString()));
    assertEquals("GarageNode", resource.get("kind"));
    assertEquals("deuxfleurs.fr/v1", resource.get("apiVersion"));
    assertEquals(
        Map.of("hostname", "host-a", "address", "10.0.0.1", "port", 3901L), resource.get("spec"));
    assertEquals(
        Map.of("garage.deuxfleurs.fr/service", "store"),
        FakeService.object(resource.get("metadata")).get("labels"));
    WebClient.Request last = service.requests.getLast();
    assertEquals("Bearer account token", last.headers().get("Authorization"));
    assertEquals(
        "/apis/deuxfleurs.fr/v1/namespaces/ns/garagenodes"
            + "?labelSelector=garage.deuxfleurs.fr%2Fservice%3Dstore",
        last.path());
  }

  @Test
  void kindThatAnotherHasMadeIsUsed() {
    service.kindIsThere = true;
    findsWhatIsAnnounced(kubernetes(false)); // there already: not an error
    service.entries.clear();
    service.requests.clear();
    findsWhatIsAnnounced(kubernetes(true));
    assertTrue(
        service.requests.stream().noneMatch(r -> r.path().contains("customresourcedefinitions")));
  }

  @Test
  void refusalIsToldInOneLine() {
    service.failWith = 403;
    for (PeerSource source : List.of(consul(ConsulApi.CATALOG), kubernetes(false))) {
      GarageException.Unreachable refused =
          assertThrows(GarageException.Unreachable.class, () -> source.peers(Deadline.NEVER));
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.endsWith("answers 403: no service"), message);
      assertThrows(
          GarageException.Unreachable.class,
          () -> source.announce(A, AT_A, "host", Deadline.NEVER));
    }
  }
}
