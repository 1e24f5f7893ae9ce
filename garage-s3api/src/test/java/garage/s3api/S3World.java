package garage.s3api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.time.HybridClock;
import garage.common.worker.Pace;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.db.memory.MemoryStorage;
import garage.db.memory.MemoryStore;
import garage.http.BodySink;
import garage.http.BodyStream;
import garage.http.Headers;
import garage.http.HttpHandler;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.RequestTarget;
import garage.http.ResponseBody;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.RequestSigner;
import garage.model.Model;
import garage.model.acl.ObjectOwnership;
import garage.model.key.AccessKey;
import garage.model.object.ObjectTables;
import garage.s3api.call.S3Settings;
import garage.table.register.Register;
import garage.testkit.env.SimNode;
import garage.testkit.env.Simulation;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The S3 API over a node in memory, and clients that sign their requests. */
final class S3World {
  static final int BLOCK = 256 * 1024;
  static final int INLINE = 3_000;
  private static final String REGION = "garage";

  final SimNode node;
  final MemoryStorage storage = new MemoryStorage();
  final FakeBlocks blocks;
  final SoloNode solo;
  final Model model;
  final S3Service service;
  final AccessKey alice;
  final AccessKey bob;
  private int requests;

  private S3World(Simulation simulation, ObjectOwnership ownership) {
    node = simulation.node("n");
    MemoryStore store = new MemoryStore(storage, Model.trees(), node.clock(), Duration.ofMillis(1));
    blocks = new FakeBlocks(node.clock(), BLOCK);
    solo = new SoloNode(node);
    HybridClock hybrid = new HybridClock(node.clock(), node.id(), 1);
    model =
        new Model(
            new Register.Context(solo, solo, store, hybrid, node.clock(), node.random()),
            solo,
            blocks,
            ObjectTables.Settings.standard(new Pace(node.clock())));
    service =
        new S3Service(
            model,
            node.clock(),
            node.tasks(),
            new S3Settings(REGION, "s3.test", BLOCK, INLINE, ownership, "host"));
    alice = key("alice");
    bob = key("bob");
  }

  /**
   * Runs {@code test} in a world with alice, who may make buckets and has {@code /bkt}, and bob.
   */
  static void run(Consumer<S3World> test) {
    run(ObjectOwnership.BUCKET_OWNER_ENFORCED, test);
  }

  /** As above, with who owns objects by default. */
  static void run(ObjectOwnership ownership, Consumer<S3World> test) {
    Simulation.run(
        1,
        simulation -> {
          S3World world = new S3World(simulation, ownership);
          assertEquals(200, world.send("PUT", "/bkt").status());
          test.accept(world);
        });
  }

  AccessKey key(String name) {
    AccessKey key = model.keys().create(name, deadline());
    return model.keys().allowCreateBucket(key, true, deadline());
  }

  Deadline deadline() {
    return Deadline.after(node.clock(), Duration.ofSeconds(30));
  }

  /** A reply whose body was received. */
  record Reply(int status, Headers headers, byte[] body, @Nullable GarageException cutBy) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    @Nullable String header(String name) {
      return headers.first(name);
    }

    /** The text of the first element of this name. */
    @Nullable String element(String name) {
      String text = text();
      int from = text.indexOf("<" + name + ">");
      int to = text.indexOf("</" + name + ">");
      return from < 0 || to < 0 ? null : text.substring(from + name.length() + 2, to);
    }

    int count(String element) {
      return text().split("<" + element + ">", -1).length - 1;
    }
  }

  Reply send(String method, String target, String... headers) {
    return send(alice, method, target, new byte[0], headers);
  }

  Reply put(String target, byte[] body, String... headers) {
    return send(alice, "PUT", target, body, headers);
  }

  Reply post(String target, String body, String... headers) {
    return send(alice, "POST", target, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  Reply send(AccessKey by, String method, String target, byte[] body, String... headers) {
    Headers.Builder all = Headers.builder().add("Host", "localhost");
    if (method.equals("PUT") || method.equals("POST")) {
      all.add("Content-Length", Integer.toString(body.length));
    }
    Headers given = Headers.of(headers);
    given.forEach(all::add);
    if (target.endsWith("?delete") && !given.contains("Content-MD5")) {
      all.add("Content-MD5", Base64.getEncoder().encodeToString(Digests.md5().digest(body)));
    }
    String payload = given.first("x-amz-content-sha256");
    String hash =
        payload != null ? payload : HexFormat.of().formatHex(Digests.sha256().digest(body));
    Headers signed =
        new RequestSigner(new Credentials(by.id(), by.secret()), REGION, "s3")
            .sign(new RequestSigner.Unsigned(method, target, all.build()), hash, node.clock().now())
            .headers();
    return deliver(method, target, signed, BodyStream.of(body), body.length);
  }

  /** Hands a request over as it is, and receives the reply. */
  Reply deliver(String method, String target, Headers headers, BodyStream body, long length) {
    return deliver(service, method, target, headers, body, length);
  }

  /** A browser's request to a web site. */
  Reply visit(HttpHandler web, String method, String host, String target, String... headers) {
    Headers.Builder all = Headers.builder().add("Host", host);
    Headers.of(headers).forEach(all::add);
    return deliver(web, method, target, all.build(), BodyStream.of(new byte[0]), 0);
  }

  private Reply deliver(
      HttpHandler handler,
      String method,
      String target,
      Headers headers,
      BodyStream body,
      long length) {
    HttpRequest request =
        new HttpRequest(
            "%016X".formatted(++requests),
            method,
            Objects.requireNonNull(RequestTarget.parse(target)),
            headers,
            body,
            length,
            new HttpRequest.Peer(node.address(1), false));
    HttpResponse response = handler.handle(request);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    GarageException cutBy = null;
    switch (response.body()) {
      case ResponseBody.Empty() -> {}
      case ResponseBody.Bytes(byte[] bytes) -> out.writeBytes(bytes);
      case ResponseBody.Streamed(long announced, ResponseBody.Writer writer) -> {
        try {
          writer.writeTo(new Collecting(out));
          assertEquals(announced < 0 ? out.size() : announced, out.size());
        } catch (GarageException e) {
          cutBy = e;
        }
      }
    }
    return new Reply(response.status(), response.headers(), out.toByteArray(), cutBy);
  }

  /** Lets the background work of the tables go on, and time pass, until there is none. */
  void settle() {
    for (int round = 0; round < 20; round++) {
      work();
      node.clock().sleep(Duration.ofMinutes(1));
    }
  }

  /** Lets the background work do what is due. */
  void work() {
    for (Worker worker : model.workers()) {
      for (int i = 0; i < 100 && worker.step() instanceof WorkerState.Busy; i++) {
        node.clock().sleep(Duration.ofMillis(1));
      }
    }
  }

  static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static String md5(byte[] bytes) {
    return HexFormat.of().formatHex(Digests.md5().digest(bytes));
  }

  private record Collecting(ByteArrayOutputStream out) implements BodySink {
    @Override
    public void write(byte[] bytes, int offset, int length) {
      out.write(bytes, offset, length);
    }

    @Override
    public void write(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      out.writeBytes(copy);
    }

    @Override
    public void flush() {}
  }
}
