package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.simulator.cluster.Machine;
import garage.testkit.env.Simulation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A condition is never judged by what one replica of three knows: a node that finds no quorum says
 * so, and changes nothing that holds.
 */
final class LostQuorumTest {
  @Test
  void aConditionalWriteWithoutAQuorumIsUnavailableAndChangesNothing() {
    Simulation.run(
        1,
        world -> {
          Cluster cluster = new Cluster(world, new ClusterSettings(3, 3));
          cluster.boot();
          Machine alone = cluster.machine(2);
          ask(cluster, 200, Request.of("PUT", "/bkt"));
          String tag = ask(cluster, 200, put("/bkt/held", "first")).headers().first("ETag");
          ask(cluster, 200, put("/bkt/held", "second"));
          world.clock().sleep(Duration.ofMinutes(1));
          world.network().isolate(alone.host());

          for (Request write :
              List.of(
                  put("/bkt/held", "lost").with("If-None-Match", "*"),
                  put("/bkt/held", "lost").with("If-Match", String.valueOf(tag)),
                  put("/bkt/none", "lost").with("If-Match", String.valueOf(tag)),
                  Request.of("DELETE", "/bkt/held", "If-Match", String.valueOf(tag)))) {
            Outcome.Reply reply = ask(cluster, 503, write);
            assertEquals("ServiceUnavailable", reply.element("Code"), reply.text());
          }

          world.network().heal();
          world.clock().sleep(Duration.ofMinutes(2));
          assertEquals("second", ask(cluster, 200, Request.of("GET", "/bkt/held")).text());
          ask(cluster, 404, Request.of("GET", "/bkt/none"));
          ask(cluster, 412, put("/bkt/held", "late").with("If-None-Match", "*"));
          ask(cluster, 200, put("/bkt/none", "made").with("If-None-Match", "*"));
          // A client that has lost that answer, and asks again, is told that the object is there.
          ask(cluster, 412, put("/bkt/none", "made").with("If-None-Match", "*"));
          assertEquals("made", ask(cluster, 200, Request.of("GET", "/bkt/none")).text());
        });
  }

  private static Request put(String target, String body) {
    return Request.of("PUT", target).with(body.getBytes(StandardCharsets.UTF_8));
  }

  private static Outcome.Reply ask(Cluster cluster, int status, Request request) {
    Outcome.Reply reply =
        assertInstanceOf(Outcome.Reply.class, cluster.s3(cluster.machine(2), request));
    assertEquals(status, reply.status(), reply.text());
    return reply;
  }
}
