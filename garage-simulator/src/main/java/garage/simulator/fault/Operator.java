package garage.simulator.fault;

import garage.simulator.client.Outcome;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.Machine;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whoever runs the cluster: looks after it, while it works and while it does not. */
final class Operator {
  /** What there is to see, of every node. */
  private static final List<String> VIEWS =
      List.of(
          "GetClusterStatus",
          "GetClusterHealth",
          "GetClusterStatistics",
          "GetClusterLayout",
          "GetClusterLayoutHistory",
          "GetNodeInfo?node=*",
          "GetNodeStatistics?node=*",
          "ListBlockErrors?node=*",
          "ListBuckets",
          "ListKeys",
          "ListAdminTokens");

  /** What there is to see when asked with a POST. */
  private static final List<String> QUESTIONS =
      List.of("ListWorkers?node=*", "GetWorkerVariable?node=*");

  private static final String PAUSE = "{\"scrub\":\"pause\"}";

  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  private final Cluster cluster;
  private final Witness witness;
  private final TreeSet<String> lost = new TreeSet<>();
  private final Set<Machine> paused = new LinkedHashSet<>();

  Operator(Cluster cluster, Witness witness) {
    this.cluster = cluster;
    this.witness = witness;
  }

  /** {@code what} is the name of a repair as the API takes it. */
  void repair(Machine machine, String what) {
    Outcome outcome = launch(machine, what);
    if (what.equals(PAUSE)) {
      paused.add(machine);
    } else if (what.startsWith("{\"scrub\"") && Cluster.isDone(outcome)) {
      paused.remove(machine);
    }
  }

  private Outcome launch(Machine machine, String what) {
    return cluster.operate(
        machine, "LaunchRepairOperation?node=self", "{\"repairType\":%s}".formatted(what));
  }

  /** Lets scrubs go on that were paused, which they are for a day; answers whether that is done. */
  boolean resume() {
    paused.removeIf(machine ->
        machine.isRetired() || Cluster.isDone(launch(machine, "{\"scrub\":\"resume\"}")));
    return paused.isEmpty();
  }

  void snapshot(Machine machine) {
    cluster.operate(machine, "CreateMetadataSnapshot?node=self", "");
  }

  void look(Machine machine) {
    VIEWS.forEach(view -> cluster.operate(machine, view, null));
    QUESTIONS.forEach(question -> cluster.operate(machine, question, "{}"));
    cluster.metrics(machine);
    machine.blockDisks().stream()
        .flatMap(disk -> disk.files().stream())
        .map(HASH::matcher)
        .filter(Matcher::find)
        .limit(3)
        .forEach(hash ->
            cluster.operate(
                machine,
                "GetBlockInfo?node=self",
                "{\"blockHash\":\"%s\"}".formatted(hash.group().substring(0, 16))));
    cluster.operate(machine, "RetryBlockResync?node=self", "{\"all\":true}");
  }

  /** The only copy of the block in this file is going to be lost. */
  void lost(String path) {
    Matcher hash = HASH.matcher(path);
    if (hash.find()) {
      lost.add(hash.group());
      witness.lost(hash.group());
    }
  }

  /**
   * Deletes what needs the blocks that are lost, and not there again. Answers whether that is done:
   * if it is not, it is to be tried again.
   */
  boolean purge(Machine machine) {
    lost.removeIf(hash -> isThere(machine, hash));
    List<String> gone = List.copyOf(lost);
    String hashes = "[\"" + String.join("\",\"", gone) + "\"]";
    if (gone.isEmpty()
        || Cluster.isDone(cluster.operate(machine, "PurgeBlocks?node=self", hashes))) {
      gone.forEach(lost::remove);
      return true;
    }
    return false;
  }

  private static boolean isThere(Machine machine, String hash) {
    return machine.blockDisks().stream()
        .anyMatch(disk -> disk.files().stream().anyMatch(path -> path.endsWith(hash)));
  }

  /** Makes a key, a bucket and a token, and takes them away again, as far as it gets. */
  void manage(Machine machine, Machine other, int number) {
    Errand errand = new Errand(machine);
    String name = "managed-" + number;
    String bucket = errand.make("CreateBucket", "id", "{\"globalAlias\":\"%s\"}".formatted(name));
    String key = errand.make("CreateKey", "accessKeyId", "{\"name\":\"%s\"}".formatted(name));
    String pair =
        "{\"bucketId\":\"%s\",\"accessKeyId\":\"%s\",\"permissions\":{\"read\":true,\"write\":true}}"
            .formatted(bucket, key);
    errand.go("AllowBucketKey", pair);
    errand.go(
        "UpdateBucket?id=" + bucket,
        "{\"quotas\":{\"maxSize\":1000000,\"maxObjects\":10},\"websiteAccess\":{\"enabled\":true,"
            + "\"indexDocument\":\"index.html\"}}");
    String alias = "{\"bucketId\":\"%s\",\"globalAlias\":\"%s-too\"}".formatted(bucket, name);
    String local =
        "{\"bucketId\":\"%s\",\"accessKeyId\":\"%s\",\"localAlias\":\"mine\"}"
            .formatted(bucket, key);
    errand.go("AddBucketAlias", alias);
    errand.go("AddBucketAlias", local);
    errand.at(other);
    errand.go("GetBucketInfo?globalAlias=" + name + "-too", null);
    errand.go("GetKeyInfo?search=" + key, null);
    errand.go("InspectObject?bucketId=" + bucket + "&key=none", null);
    errand.at(machine);
    errand.go("RemoveBucketAlias", local);
    errand.go("RemoveBucketAlias", alias);
    errand.go("DenyBucketKey", pair);
    errand.go("UpdateKey?id=" + key, "{\"name\":\"other\",\"allow\":{\"createBucket\":true}}");
    errand.go("CleanupIncompleteUploads", cleanup(bucket));
    errand.go("DeleteKey?id=" + key, "");
    errand.go("DeleteBucket?id=" + bucket, "");
    String token = errand.make("CreateAdminToken", "id", "{\"name\":\"%s\"}".formatted(name));
    errand.go("UpdateAdminToken?id=" + token, "{\"scope\":[\"ListKeys\"]}");
    errand.at(other);
    errand.go("GetAdminTokenInfo?search=" + token, null);
    errand.go("DeleteAdminToken?id=" + token, "");
  }

  private static String cleanup(String bucket) {
    return "{\"bucketId\":\"%s\",\"olderThanSecs\":60}".formatted(bucket);
  }

  /** Steps of which each needs the one before it: after one that is not answered, none is made. */
  private final class Errand {
    private Machine at;
    private boolean over;

    Errand(Machine at) {
      this.at = at;
    }

    void at(Machine other) {
      at = other;
    }

    /** Answers the field of that name of what was made; empty if nothing was. */
    String make(String endpoint, String field, String json) {
      Outcome outcome = go(endpoint, json);
      if (outcome instanceof Outcome.Reply reply && !over) {
        Matcher value =
            Pattern.compile("\"" + field + "\"\\s*:\\s*\"([^\"]*)\"").matcher(reply.text());
        return value.find() ? value.group(1) : "";
      }
      return "";
    }

    @Nullable Outcome go(String endpoint, @Nullable String json) {
      if (over) {
        return null;
      }
      Outcome outcome = cluster.operate(at, endpoint, json);
      over = !Cluster.isDone(outcome);
      boolean expected = endpoint.startsWith("InspectObject");
      if (expected) {
        over = !(outcome instanceof Outcome.Reply reply && reply.status() == 404);
      } else if (outcome instanceof Outcome.Reply reply
          && reply.status() >= 400
          && reply.status() < 500
          && reply.status() != 409) {
        witness.wrong("%s %s -> %s".formatted(at.name(), endpoint, reply.text()));
      }
      return outcome;
    }
  }
}
