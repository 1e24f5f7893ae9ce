package garage.rpc.handshake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.testkit.env.SimDisk;
import garage.testkit.env.Simulation;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import org.junit.jupiter.api.Test;

/** A node's key pair, and the files that keep it. */
final class NodeIdentityTest {
  @Test
  void identityIsTheHashOfThePublicKeyAndStays() {
    Simulation.run(
        1,
        world -> {
          SimDisk disk = world.node("a").disk("meta");
          assertFalse(NodeIdentity.isPresent(disk));
          NodeIdentity first = NodeIdentity.loadOrCreate(disk);
          assertTrue(NodeIdentity.isPresent(disk));
          byte[] key = first.certificate().getPublicKey().getEncoded();
          assertEquals(Digests.sha256(key).value(), first.id().value());
          assertEquals(first.id(), NodeIdentity.loadOrCreate(disk).id());
          assertEquals(first.id(), NodeIdentity.readId(disk));
          assertNotEquals(first.id(), NodeIdentity.create().id());
        });
  }

  @Test
  void identitySurvivesALossOfPowerOrIsMadeAnew() {
    for (int seed = 0; seed < 10; seed++) {
      Simulation.run(
          seed,
          world -> {
            NodeIdentity first = NodeIdentity.loadOrCreate(world.node("a").disk("meta"));
            world.node("a").powerOff();
            world.node("a").start();
            assertEquals(first.id(), NodeIdentity.loadOrCreate(world.node("a").disk("meta")).id());
          });
    }
  }

  @Test
  void crashBeforeTheKeyIsWrittenLeadsToANewPair() {
    Simulation.run(
        2,
        world -> {
          SimDisk disk = world.node("a").disk("meta");
          NodeIdentity first = NodeIdentity.loadOrCreate(disk);
          disk.delete(NodeIdentity.KEY_FILE);
          NodeIdentity second = NodeIdentity.loadOrCreate(disk);
          assertNotEquals(first.id(), second.id());
          assertEquals(second.id(), NodeIdentity.loadOrCreate(disk).id());
        });
  }

  @Test
  void filesThatDoNotBelongTogetherAreRefused() {
    Simulation.run(
        3,
        world -> {
          SimDisk disk = world.node("a").disk("meta");
          NodeIdentity.loadOrCreate(disk);
          disk.replace(NodeIdentity.KEY_FILE, NodeIdentity.create().privateKey().getEncoded());
          assertThrows(GarageException.Corrupt.class, () -> NodeIdentity.loadOrCreate(disk));
          disk.replace(NodeIdentity.KEY_FILE, new byte[] {1, 2, 3});
          assertThrows(GarageException.Corrupt.class, () -> NodeIdentity.loadOrCreate(disk));
          disk.replace(NodeIdentity.CERTIFICATE_FILE, new byte[] {1, 2, 3});
          assertThrows(GarageException.Corrupt.class, () -> NodeIdentity.readId(disk));
        });
  }

  @Test
  void keysOfOtherKindsAreNoIdentity() throws NoSuchAlgorithmException {
    PublicKey ed25519 = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
    assertThrows(GarageException.Denied.class, () -> NodeIdentity.idOf(ed25519));
  }

  @Test
  void privateKeyIsNeverShown() {
    NodeIdentity identity = NodeIdentity.create();
    assertEquals("NodeIdentity[" + identity.id() + "]", identity.toString());
  }
}
