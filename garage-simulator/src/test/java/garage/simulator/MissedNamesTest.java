package garage.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.simulator.client.Outcome;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.simulator.cluster.Machine;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an operator made at one node is found at another that has missed it, or that says so. */
final class MissedNamesTest {
  private static final Duration CONVERGED = Duration.ofMinutes(1);
  private static final Duration HEALED_MAX = Duration.ofMinutes(2);

  @Test
  void aNodeFindsWhatItHasMissedHoweverItIsAskedFor() {
    Simulation.run(
        1,
        world -> {
          Cluster cluster = new Cluster(world, new ClusterSettings(3, 3));
          cluster.boot();
          Machine first = cluster.machine(1);
          Machine last = cluster.machine(3);
          String known = made(cluster, first, "CreateBucket", "id", "{\"globalAlias\":\"known\"}");
          world.clock().sleep(CONVERGED);
          world.network().isolate(last.host());
          String alias = "{\"bucketId\":\"%s\",\"globalAlias\":\"second\"}".formatted(known);
          cluster.admin(first, "POST", "AddBucketAlias", alias);
          String bucket = made(cluster, first, "CreateBucket", "id", "{\"globalAlias\":\"new\"}");
          String key = made(cluster, first, "CreateKey", "accessKeyId", "{\"name\":\"new\"}");
          String token = made(cluster, first, "CreateAdminToken", "id", "{\"name\":\"new\"}");
          List<String> questions =
              List.of(
                  "GetBucketInfo?globalAlias=second",
                  "GetBucketInfo?search=second",
                  "GetBucketInfo?id=" + bucket,
                  "GetBucketInfo?search=" + bucket,
                  "GetKeyInfo?id=" + key,
                  "GetKeyInfo?search=" + key,
                  "GetAdminTokenInfo?id=" + token,
                  "GetAdminTokenInfo?search=" + token);
          assertEquals(List.of(503), statuses(cluster, last, questions));
          world.network().heal();
          world.eventually(
              "the node finds the others",
              HEALED_MAX,
              () -> {
                List<Integer> statuses = statuses(cluster, last, questions);
                assertTrue(List.of(200, 503).containsAll(statuses), statuses.toString());
                return statuses.equals(List.of(200));
              });
          cluster.admin(last, "POST", "RemoveBucketAlias", alias.replace("second", "known"));
        });
  }

  private static String made(
      Cluster cluster, Machine machine, String endpoint, String field, String json) {
    String reply = cluster.admin(machine, "POST", endpoint, json);
    String value = reply.replaceAll("(?s).*?\"" + field + "\"\\s*:\\s*\"([^\"]*)\".*", "$1");
    assertTrue(value.length() < reply.length(), reply);
    return value;
  }

  /** Of the answers, each once. */
  private static List<Integer> statuses(Cluster cluster, Machine machine, List<String> questions) {
    return questions.stream()
        .map(question -> cluster.operate(machine, question, null))
        .map(outcome -> assertInstanceOf(Outcome.Reply.class, outcome).status())
        .distinct()
        .sorted()
        .toList();
  }
}
