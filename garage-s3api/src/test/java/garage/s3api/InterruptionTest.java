package garage.s3api;

import static garage.s3api.S3World.md5;
import static garage.s3api.S3World.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.env.Tasks;
import garage.s3api.S3World.Reply;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Clients that leave at any moment, and work that takes long. */
class InterruptionTest {
  @Test
  void requestCancelledAtAnyMomentIsDoneWholeOrNotAtAll() {
    byte[] bytes = random(900_000, 1);
    Set<Integer> outcomes = new TreeSet<>();
    for (int millis = 0; millis < 24; millis++) {
      Duration moment = Duration.ofMillis(millis);
      S3World.run(world -> {
        Tasks.Task put = world.node.tasks().start("client", () -> world.put("/bkt/k", bytes));
        world.node.clock().sleep(moment);
        put.cancel();
        put.join();
        world.node.clock().sleep(Duration.ofMinutes(3));
        world.settle();
        Reply get = world.send("GET", "/bkt/k");
        outcomes.add(get.status());
        if (get.status() == 200) {
          assertArrayEquals(bytes, get.body());
          assertEquals(4, world.blocks.count());
        } else {
          assertEquals(404, get.status());
          assertEquals(0, world.blocks.count());
        }
        assertEquals(0, world.blocks.lentBytes());
      });
    }
    assertEquals(Set.of(200, 404), outcomes, "the moments cover both ends");
  }

  @Test
  void overwritesByManyClientsLeaveOneObject() {
    S3World.run(world -> {
      Tasks.Task[] clients = new Tasks.Task[8];
      for (int i = 0; i < clients.length; i++) {
        byte[] bytes = random(300_000 + i, i);
        clients[i] = world.node.tasks().start("client", () -> world.put("/bkt/k", bytes));
      }
      for (Tasks.Task client : clients) {
        client.join();
      }
      world.settle();
      Reply get = world.send("GET", "/bkt/k");
      assertEquals(200, get.status());
      assertArrayEquals(random(get.body().length, get.body().length - 300_000), get.body());
      assertEquals(2, world.blocks.count());
    });
  }

  @Test
  void slowCopyAnswersWithWhiteSpaceUntilItIsDone() {
    S3World.run(world -> {
      byte[] bytes = random(1_000_000, 1);
      world.put("/bkt/src", bytes);
      world.blocks.readTime = Duration.ofSeconds(12);
      Reply copy =
          world.send(
              "PUT",
              "/bkt/dst",
              "x-amz-copy-source",
              "bkt/src",
              "x-amz-checksum-algorithm",
              "CRC32");
      assertEquals(200, copy.status());
      assertTrue(copy.text().startsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n   "));
      assertTrue(copy.text().contains(md5(bytes)), copy.text());
      assertNotNull(copy.element("ChecksumCRC32"));
      assertEquals(1, copy.text().split("<\\?xml", -1).length - 1);
    });
  }

  @Test
  void slowCopyThatFailsSaysSoInItsBody() {
    S3World.run(world -> {
      world.put("/bkt/src", random(1_000_000, 1));
      world.blocks.readTime = Duration.ofSeconds(12);
      AtomicReference<@Nullable Reply> reply = new AtomicReference<>();
      Tasks.Task copying =
          world
              .node
              .tasks()
              .start(
                  "copy",
                  () ->
                      reply.set(
                          world.send(
                              "PUT",
                              "/bkt/dst",
                              "x-amz-copy-source",
                              "bkt/src",
                              "x-amz-checksum-algorithm",
                              "CRC32",
                              "If-None-Match",
                              "*")));
      world.node.clock().sleep(Duration.ofSeconds(20));
      world.put("/bkt/dst", random(5, 5));
      copying.join();
      Reply copy = reply.get();
      assertNotNull(copy);
      assertEquals(200, copy.status());
      assertEquals("PreconditionFailed", copy.element("Code"));
      world.settle();
      assertArrayEquals(random(5, 5), world.send("GET", "/bkt/dst").body());
    });
  }

  /** What is decided before the reply's head is sent is an error that clients try again after. */
  @Test
  void objectWhoseBlocksCannotBeLookedUpIsNotBegun() {
    S3World.run(world -> {
      byte[] bytes = random(900_000, 1);
      world.put("/bkt/k", bytes);
      world.solo.silent = "table/block_list";
      Reply get = world.send("GET", "/bkt/k");
      assertEquals(503, get.status());
      assertEquals("ServiceUnavailable", get.element("Code"));
      assertEquals("1", get.headers().first("Retry-After"));
      assertNull(get.cutBy());
      world.solo.silent = null;
      assertArrayEquals(bytes, world.send("GET", "/bkt/k").body());
    });
  }

  @Test
  void fullDiskRefusesWritesAndServesReadsAndDeletes() {
    S3World.run(world -> {
      world.put("/bkt/a", random(100, 1));
      world.storage.setFull(true);
      Reply put = world.put("/bkt/b", random(100, 2));
      assertEquals(507, put.status());
      assertEquals("StorageFull", put.element("Code"));
      assertArrayEquals(random(100, 1), world.send("GET", "/bkt/a").body());
      world.storage.setFull(false);
      assertEquals(200, world.put("/bkt/b", random(100, 2)).status());
    });
  }
}
