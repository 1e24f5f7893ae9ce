package garage.model.object;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import garage.block.BlockBuffer;
import garage.common.env.Deadline;
import garage.common.hash.Digests;
import garage.common.id.Bytes32;
import garage.common.id.Hash;
import garage.common.id.Uuid;
import garage.common.time.Timestamp;
import garage.model.ModelCluster;
import garage.model.counter.BucketCounters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * What the front end does with the tables of one node, in its order; each method is one request.
 */
final class Client {
  static final Uuid BUCKET = new Uuid(Bytes32.of(new byte[32], 0, 32));
  private static final ByteBuffer NONE = ByteBuffer.allocate(0);

  private final ModelCluster.Node node;

  Client(ModelCluster.Node node) {
    this.node = node;
  }

  /** Runs {@code test} with three nodes and a client of the first. */
  static void withThree(BiConsumer<ModelCluster, Client> test) {
    ModelCluster.run(cluster -> test.accept(cluster, new Client(cluster.first())));
  }

  /** One of each node. */
  static List<Client> ofAll(ModelCluster cluster) {
    return cluster.nodes.stream().map(Client::new).toList();
  }

  static ObjectKey key(String key) {
    return new ObjectKey(BUCKET, key);
  }

  Objects objects() {
    return node.model().objects().objects();
  }

  Uploads uploads() {
    return node.model().objects().uploads();
  }

  ObjectData data() {
    return node.model().objects().data();
  }

  Deadline deadline() {
    return node.deadline();
  }

  /** What the bucket is counted to have. */
  BucketCounters.Counts counts() {
    return node.model().counters().read(BUCKET, node, deadline());
  }

  static ObjectVersion.Stored object(Content content, long size, String etag) {
    return new ObjectVersion.Stored(content, size, etag, 1, List.of(), null, Annotations.of("GK1"));
  }

  static ObjectVersion.Stored inline(String text) {
    return object(new Content.Inline(), text.length(), text);
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** PUT of a small object. */
  void put(String key, String text) {
    objects().put(key(key), inline(text), bytes(text), deadline());
  }

  /** PUT of an object of blocks, one a word of {@code text}. */
  void putBlocks(String key, String text) {
    Uuid dataId = data().begin(new DataOwner.OfObject(key(key)));
    long size = append(dataId, text);
    objects().put(key(key), object(new Content.Blocks(dataId), size, text), NONE, deadline());
    data().settle(dataId);
  }

  long append(Uuid dataId, String text) {
    long offset = 0;
    for (String word : text.split(" ", -1)) {
      byte[] plain = word.getBytes(StandardCharsets.UTF_8);
      BlockBuffer buffer = data().buffer(plain.length, deadline());
      buffer.bytes().put(plain).flip();
      Hash hash = Digests.sha256(plain);
      data().append(DataBlock.of(dataId, offset, hash, plain.length), buffer, deadline());
      offset += plain.length;
    }
    return offset;
  }

  Upload begin(String key) {
    return uploads()
        .create(
            new Uploads.Begin(key(key), "GK1", List.of(), Annotations.of("GK1"), null, null),
            deadline());
  }

  /** UploadPart. */
  Part part(Upload upload, int number, String text) {
    Part part = attempt(upload, number, text);
    uploads().addPart(upload.object(), part, deadline());
    data().settle(part.dataId());
    return part;
  }

  /** UploadPart whose node dies before it has looked whether the upload is still open. */
  Part late(Upload upload, int number, String text) {
    Part part = attempt(upload, number, text);
    uploads().insert(part, deadline());
    data().settle(part.dataId());
    return part;
  }

  private Part attempt(Upload upload, int number, String text) {
    Timestamp at = uploads().now();
    DataOwner owner = new DataOwner.OfPart(upload.object(), upload.id(), number, at);
    Uuid dataId = data().begin(owner);
    long size = append(dataId, text);
    return new Part(upload.id(), number, at, dataId, size, text, null, Timestamp.ZERO, false);
  }

  /** CompleteMultipartUpload, up to the writing of the object. */
  Uploads.Start start(Upload upload, List<Part> parts) {
    return uploads().start(upload.object(), upload.id(), parts, deadline());
  }

  /** As above, where nothing is in its way. */
  Uploads.Start.Go started(Upload upload, List<Part> parts) {
    return assertInstanceOf(Uploads.Start.Go.class, start(upload, parts));
  }

  /** The rest of it; answers {@code WRITTEN_BEFORE} if the object was written, else why not. */
  Uploads.Refusal publish(Uploads.Start.Go go, List<Part> parts) {
    return publish(go, parts, Versioning.NONE);
  }

  /** As above, into a bucket that may keep versions. */
  Uploads.Refusal publish(Uploads.Start.Go go, List<Part> parts, Versioning versioning) {
    if (write(go, parts, versioning, () -> {}) instanceof Objects.Outcome.Done _) {
      uploads().completed(go.upload(), go.completion(), "tag", deadline());
      return Uploads.Refusal.WRITTEN_BEFORE;
    }
    return refused(go);
  }

  /** What follows where the object was not written. */
  Uploads.Refusal refused(Uploads.Start.Go go) {
    return uploads().refused(go.upload(), go.completion(), deadline());
  }

  /** Writes the object; {@code meanwhile} is done just before the first replica is sent it. */
  Objects.Outcome write(
      Uploads.Start.Go go, List<Part> parts, Versioning versioning, Runnable meanwhile) {
    List<Content.PartRun> runs =
        parts.stream().map(p -> new Content.PartRun(p.number(), 1, p.size())).toList();
    long size = parts.stream().mapToLong(Part::size).sum();
    Content content = new Content.Parts(go.upload().id(), go.completion(), runs);
    return objects()
        .putIf(
            new Objects.Target(go.upload().object(), versioning),
            _ -> true,
            id -> {
              boolean may = uploads().mayPublish(go.upload(), go.completion(), id, deadline());
              meanwhile.run();
              return may;
            },
            object(content, size, "tag"),
            deadline());
  }

  /** All of it; answers whether the object was written, by this run or another. */
  boolean complete(Upload upload, List<Part> parts) {
    return complete(upload, parts, Versioning.NONE);
  }

  /** As above, into a bucket that may keep versions. */
  boolean complete(Upload upload, List<Part> parts, Versioning versioning) {
    return switch (start(upload, parts)) {
      case Uploads.Start.Go go -> publish(go, parts, versioning) == Uploads.Refusal.WRITTEN_BEFORE;
      case Uploads.Start.Before _ -> true;
      case Uploads.Start.NoSuchUpload _, Uploads.Start.Busy _ -> false;
    };
  }

  boolean abort(Upload upload) {
    return uploads().abort(upload.object(), upload.id(), deadline());
  }

  /** ListMultipartUploads. */
  List<Upload> uploadsInProgress() {
    List<Upload> all = new ArrayList<>();
    try (Uploads.Cursor cursor = uploads().list(BUCKET, deadline())) {
      for (Upload upload = cursor.next(); upload != null; upload = cursor.next()) {
        all.add(upload);
      }
    }
    return all;
  }

  void delete(String key) {
    objects().delete(key(key), deadline());
  }

  static Objects.Target target(String key, Versioning versioning) {
    return new Objects.Target(key(key), versioning);
  }

  /** PUT of a small object into a bucket that may keep versions. */
  VersionId put(String key, Versioning versioning, String text) {
    return objects().put(target(key, versioning), inline(text), bytes(text), deadline());
  }

  /** PUT of an object of blocks into a bucket that may keep versions. */
  VersionId putBlocks(String key, Versioning versioning, String text) {
    return putBlocks(key, versioning, text, () -> {});
  }

  /** As above; {@code meanwhile} is done when the blocks are stored. */
  VersionId putBlocks(String key, Versioning versioning, String text, Runnable meanwhile) {
    Uuid dataId = data().begin(new DataOwner.OfObject(key(key)));
    ObjectVersion.Stored object = object(new Content.Blocks(dataId), append(dataId, text), text);
    meanwhile.run();
    VersionId id = objects().put(target(key, versioning), object, NONE, deadline());
    data().settle(dataId);
    return id;
  }

  /** DELETE in a bucket that keeps versions. */
  VersionId mark(String key, Versioning versioning) {
    var marker = new ObjectVersion.DeleteMarker("GK1", 1);
    return objects().delete(target(key, versioning), marker, deadline()).orElseThrow();
  }

  /** DELETE of versions; answers those that were there. */
  Set<VersionId> remove(String key, VersionId... ids) {
    return objects().remove(key(key), new LinkedHashSet<>(List.of(ids)), deadline()).keySet();
  }

  /** DELETE of the version that is listed first. */
  void removeLatest(String key) {
    remove(key, versions(key).getFirst().id());
  }

  /** PutObjectTagging of a version. */
  void annotate(String key, VersionId id, UnaryOperator<Annotations> change) {
    objects().annotate(key(key), id, change, deadline());
  }

  /** GET of a version: its bytes, "-" for a marker, empty if it is not there. */
  Optional<String> get(String key, VersionId id) {
    return switch (objects().version(key(key), id, true, deadline())) {
      case Objects.Found found -> Optional.of(text(key, found));
      case Objects.Marked _ -> Optional.of("-");
      case Objects.Nothing() -> Optional.empty();
    };
  }

  /** ListObjectVersions, all of it. */
  List<VersionScan.Listed> versions(String prefix) {
    List<VersionScan.Listed> all = new ArrayList<>();
    try (VersionScan.Cursor cursor = objects().versions(BUCKET, prefix, deadline())) {
      for (var listed = cursor.next(); listed != null; listed = cursor.next()) {
        all.add(listed);
      }
    }
    return all;
  }

  /** Keys and contents in the order listed; the present one of each key with a star. */
  List<String> history(String prefix) {
    return versions(prefix).stream()
        .map(v ->
            v.key()
                + (v.latest() ? "*" : " ")
                + switch (v.version()) {
                  case ObjectVersion.Stored stored -> stored.etag();
                  case ObjectVersion.DeleteMarker _ -> "-";
                })
        .toList();
  }

  /** GET: the object's bytes, read to the last block. */
  Optional<String> get(String key) {
    return objects().get(key(key), deadline()).map(found -> text(key, found));
  }

  private String text(String key, Objects.Found found) {
    return switch (found.object().content()) {
      case Content.Inline() -> StandardCharsets.UTF_8.decode(found.inline().duplicate()).toString();
      case Content.Blocks(Uuid dataId) -> read(dataId);
      case Content.Parts parts -> {
        StringBuilder text = new StringBuilder();
        List<Part> chosen = uploads().chosen(parts, 1, parts.count(), deadline());
        if (chosen.size() != parts.count()) {
          throw new AssertionError(key + " has lost parts: " + chosen);
        }
        chosen.forEach(part -> text.append(read(part.dataId())));
        yield text.toString();
      }
    };
  }

  private String read(Uuid dataId) {
    StringBuilder text = new StringBuilder();
    List<DataBlock> blocks = data().blocks(dataId, 0, 1_000, deadline());
    if (blocks.isEmpty()) {
      throw new AssertionError("the blocks of " + dataId + " are gone");
    }
    for (DataBlock block : blocks) {
      byte[] plain = nodeBlocks(block.hash());
      text.append(new String(plain, StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  private byte[] nodeBlocks(Hash hash) {
    return node.blocks().require(hash);
  }
}
