package garage.simulator.cluster;

import garage.common.env.Tasks;
import garage.common.hash.Digests;
import garage.http.Headers;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.RequestSigner;
import garage.server.GarageNode;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.testkit.env.Simulation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A cluster of production nodes in a simulation, and an operator and clients to use it. */
public final class Cluster {
  /** Ample for a cluster in which nothing fails. */
  private static final Duration BOOT_MAX = Duration.ofMinutes(2);

  /** Far more than a clock drifts meanwhile, and less than a request's date may be off by. */
  private static final Duration CLOCK_SET = Duration.ofMinutes(10);

  /** The reasons of the nodes that did not do what each was asked for, if there are any. */
  private static final Pattern ERRORS = Pattern.compile("\"error\"\\s*:\\s*\\{\\s*\"");

  private static final Credentials KEY =
      new Credentials("GK0123456789abcdef01234567", "0123456789abcdef".repeat(4));

  private final Simulation world;
  private final ClusterSettings settings;
  private final List<Machine> machines = new ArrayList<>();
  private final RequestSigner signer = new RequestSigner(KEY, ClusterSettings.REGION, "s3");

  /** Machines that have power and no process yet. */
  public Cluster(Simulation world, ClusterSettings settings) {
    this.world = world;
    this.settings = settings;
    for (int i = 1; i <= settings.machines(); i++) {
      String name = ClusterSettings.machineName(i);
      machines.add(
          new Machine(
              world,
              world.node(name),
              settings.config(),
              world.random().split(name),
              settings.directories()));
    }
  }

  /** The simulation it is in. */
  public Simulation world() {
    return world;
  }

  /** Its machines, in the order of their names. */
  public List<Machine> machines() {
    return List.copyOf(machines);
  }

  /** Those that are not gone for ever. */
  public List<Machine> lasting() {
    return machines.stream().filter(machine -> !machine.isRetired()).toList();
  }

  /** One machine, by its number from 1. */
  public Machine machine(int number) {
    return machines.get(number - 1);
  }

  /** Starts every node, applies a layout of all of them, and imports the clients' key. */
  public void boot() {
    List<Tasks.Task> boots =
        machines.stream().map(m -> world.tasks().start("boot " + m.name(), m::start)).toList();
    boots.forEach(Tasks.Task::join);
    Machine first = machines.getFirst();
    world.eventually("all nodes are connected", BOOT_MAX, () -> connected(first));
    admin(
        first,
        "POST",
        "UpdateClusterLayout",
        roles(machines.subList(0, settings.members()), settings.copies(), ""));
    admin(first, "POST", "ApplyClusterLayout", "{\"version\":1}");
    world.eventually(
        "every node has the layout",
        BOOT_MAX,
        () -> machines.stream().allMatch(m -> layoutVersion(m) == 1));
    admin(
        first,
        "POST",
        "ImportKey",
        "{\"accessKeyId\":\"%s\",\"secretAccessKey\":\"%s\",\"name\":\"sim\"}"
            .formatted(KEY.accessKeyId(), KEY.secretKey()));
    admin(
        first, "POST", "UpdateKey?id=" + KEY.accessKeyId(), "{\"allow\":{\"createBucket\":true}}");
  }

  /** Whether a node runs, and is connected with all others. */
  public boolean connected(Machine machine) {
    return machine.node() != null
        && number(admin(machine, "GET", "GetClusterHealth", ""), "connectedNodes")
            == lasting().size();
  }

  /** Has an operator give a role to these machines alone; answers whether it was applied. */
  public boolean relayout(Machine at, List<Machine> members, int copies) {
    if (!(ask(at, "GET", "GetClusterLayout", "") instanceof Outcome.Reply now && isDone(now))) {
      return false;
    }
    String next = "{\"version\":%d}".formatted(number(now.text(), "version") + 1);
    return isDone(ask(at, "POST", "UpdateClusterLayout", roles(members, copies, now.text())))
        && isDone(ask(at, "POST", "ApplyClusterLayout", next));
  }

  /** Whether {@code machine} has a role in the newest layout that a node knows. */
  public boolean hasRole(Machine at, Machine machine) {
    return admin(at, "GET", "GetClusterLayout", "").contains(machine.id().toString());
  }

  /** The version of the layout a node knows, if it is not being changed; -1 if it is. */
  public long settledLayout(Machine machine) {
    String history = admin(machine, "GET", "GetClusterLayoutHistory", "");
    long version = number(history, "currentVersion");
    return number(history, "minAck") == version ? version : -1;
  }

  /**
   * Whether what the admin API was asked for was done. Where nodes answer each for itself the
   * status is 200 whatever they answer, and who failed is told with the reason.
   */
  public static boolean isDone(Outcome outcome) {
    return outcome instanceof Outcome.Reply reply
        && reply.status() == 200
        && !ERRORS.matcher(reply.text()).find();
  }

  /** The version of the layout a node knows. */
  public long layoutVersion(Machine machine) {
    return number(admin(machine, "GET", "GetClusterLayout", ""), "version");
  }

  /** The change from {@code now}, a layout as the API shows it, to one of these members. */
  private String roles(List<Machine> members, int copies, String now) {
    String roles =
        machines.stream()
            .filter(m -> members.contains(m) || now.contains(m.id().toString()))
            .map(machine -> role(machine, members.contains(machine)))
            .collect(Collectors.joining(","));
    return "{\"roles\":[%s],\"parameters\":{\"zoneRedundancy\":\"maximum\",\"replicationFactor\":%d}}"
        .formatted(roles, copies);
  }

  private static String role(Machine machine, boolean member) {
    return member
        ? "{\"id\":\"%s\",\"zone\":\"z\",\"capacity\":1000000000000,\"tags\":[]}"
            .formatted(machine.id())
        : "{\"id\":\"%s\",\"remove\":true}".formatted(machine.id());
  }

  /** Asks the admin API, and fails the simulation unless it answers with success. */
  public String admin(Machine machine, String method, String endpoint, String json) {
    Outcome outcome = ask(machine, method, endpoint, json);
    if (isDone(outcome) && outcome instanceof Outcome.Reply reply) {
      return reply.text();
    }
    throw new IllegalStateException(
        "%s %s: %s %s"
            .formatted(
                machine.name(),
                endpoint,
                outcome,
                outcome instanceof Outcome.Reply reply ? reply.text() : ""));
  }

  /** Asks the admin API; answers null if it does not answer with success. */
  public @Nullable String look(Machine machine, String endpoint) {
    Outcome outcome = ask(machine, "GET", endpoint, "");
    return isDone(outcome) && outcome instanceof Outcome.Reply reply ? reply.text() : null;
  }

  /** Has an operator ask for something with a POST, or a GET without {@code json}. */
  public Outcome operate(Machine machine, String endpoint, @Nullable String json) {
    return json == null ? ask(machine, "GET", endpoint, "") : ask(machine, "POST", endpoint, json);
  }

  /** The metrics of a node; null if it does not answer. */
  public @Nullable String metrics(Machine machine) {
    Outcome outcome = machine.send(GarageNode::admin, Request.of("GET", "/metrics"));
    return isDone(outcome) && outcome instanceof Outcome.Reply reply ? reply.text() : null;
  }

  private static Outcome ask(Machine machine, String method, String endpoint, String json) {
    Request request =
        Request.of(method, "/v2/" + endpoint)
            .with("Authorization", "Bearer " + ClusterSettings.ADMIN_TOKEN)
            .with(json.getBytes(StandardCharsets.UTF_8));
    return machine.send(GarageNode::admin, request);
  }

  /** The number that follows the first field of this name. */
  private static long number(String json, String field) {
    Matcher matcher = Pattern.compile("\"" + field + "\"\\s*:\\s*(\\d+)").matcher(json);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + field + " in " + json);
    }
    return Long.parseLong(matcher.group(1));
  }

  /**
   * Makes an S3 request, signed by a client whose clock is that of the machine. If that is set
   * before it looks at the date, it refuses it, and rightly so; an SDK then corrects its own.
   */
  public Outcome s3(Machine machine, Request request) {
    if (!machine.host().isRunning()) {
      return new Outcome.Refused();
    }
    Headers.Builder headers =
        request.headers().toBuilder()
            .add("Host", "s3")
            .add("Content-Length", Integer.toString(request.body().length));
    String hash = HexFormat.of().formatHex(Digests.sha256().digest(request.body()));
    Headers signed =
        signer
            .sign(
                new RequestSigner.Unsigned(request.method(), request.target(), headers.build()),
                hash,
                machine.host().clock().now())
            .headers();
    Duration ahead = machine.host().wallAhead();
    Outcome outcome = machine.send(GarageNode::s3, request.withHeaders(signed));
    boolean set = machine.host().wallAhead().minus(ahead).abs().compareTo(CLOCK_SET) > 0;
    return set && isTooSkewed(outcome) ? new Outcome.Refused() : outcome;
  }

  private static boolean isTooSkewed(Outcome outcome) {
    return outcome instanceof Outcome.Reply reply
        && "RequestTimeTooSkewed".equals(reply.element("Code"));
  }
}
