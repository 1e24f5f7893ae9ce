package garage.s3api.object;

import garage.common.error.GarageException;
import garage.common.hash.ChecksumAlgorithm;
import garage.common.id.Uuid;
import garage.model.object.Content;
import garage.model.object.DataOwner;
import garage.model.object.ObjectChecksum;
import garage.model.object.ObjectData;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.Tag;
import garage.model.object.VersionId;
import garage.s3api.acl.Ownership;
import garage.s3api.body.BodyDigests;
import garage.s3api.body.BodySums;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.call.Source;
import garage.s3api.encryption.DataCipher;
import garage.s3api.encryption.Encryptions;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.request.CustomerKey;
import garage.s3api.request.S3Request;
import garage.s3api.request.UploadBody;
import garage.s3api.xml.Accompanied;
import garage.s3api.xml.CopyResult;
import garage.s3api.xml.XmlDocument;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * CopyObject. The copy refers to the blocks of its source, so it costs no bytes, unless a checksum
 * is asked for that the source does not have. It keeps the source's entity tag. If the source is
 * overwritten under the copy's hands, the copy begins again with what is there then.
 */
public final class CopyHandler {
  /** A source that changes more often while it is copied is not to be had. */
  private static final int ATTEMPTS_MAX = 5;

  private final ObjectData data;
  private final CopySources sources;
  private final RangeCopier copier;
  private final Publishing publishing;
  private final QuotaGuard quotas;
  private final Ownership ownership;
  private final Runner runner;

  public CopyHandler(
      ObjectData data,
      CopySources sources,
      RangeCopier copier,
      Publishing publishing,
      QuotaGuard quotas,
      Ownership ownership) {
    this.ownership = ownership;
    this.quotas = quotas;
    this.data = data;
    this.sources = sources;
    this.copier = copier;
    this.publishing = publishing;
    this.runner = quotas.runner();
  }

  /** Copies an object. */
  public XmlDocument copy(Call call, S3Request.CopyObject request, Source from) {
    Objects.Target to = call.target(request.name().key());
    ownership.annotations(call, List.of(), request.acl()); // refused before anything is read
    publishing.precheck(to.key(), request.condition());
    for (int attempt = 1; ; attempt++) {
      Objects.Found source = sources.find(from, request.source());
      if (source.object().size() > UploadBody.BYTES_MAX) {
        throw S3ErrorCode.INVALID_REQUEST.because(
            "The specified copy source is larger than the maximum allowable size for a copy"
                + " source: "
                + UploadBody.BYTES_MAX);
      }
      quotas.check(call.bucket(), to.key(), source.object().size());
      try {
        return copy(call, source, request, to);
      } catch (GarageException.Missing e) {
        if (attempt == ATTEMPTS_MAX || isStill(source, from, request)) {
          throw e;
        }
      }
    }
  }

  private boolean isStill(Objects.Found source, Source from, S3Request.CopyObject request) {
    return sources.find(from, request.source()).written().equals(source.written());
  }

  /** What was made, and as which version. */
  private record Copied(ObjectVersion.Stored object, VersionId id) {}

  private XmlDocument copy(
      Call call, Objects.Found source, S3Request.CopyObject request, Objects.Target to) {
    boolean coded = request.key() != null || request.source().key() != null;
    Copied copied = coded ? recode(call, source, request, to) : share(call, source, request, to);
    ObjectVersion.Stored object = copied.object();
    Map<String, String> versions = new TreeMap<>(CopySources.named(request.source()));
    if (call.makesVersions()) {
      versions.putAll(Replies.version(copied.id()));
    }
    versions.putAll(call.expiration(to.key().key(), object));
    return new Accompanied(
        new CopyResult(
            CopyResult.Kind.OBJECT,
            Instant.ofEpochMilli(object.modifiedMillis()),
            object.etag(),
            Checksums.fields(object.checksum()),
            Checksums.type(object.checksum())),
        versions);
  }

  /** Refers to what the source has. */
  private Copied share(
      Call call, Objects.Found source, S3Request.CopyObject request, Objects.Target to) {
    ObjectVersion.Stored object = copied(call, source, request);
    Content content = source.object().content();
    if (content instanceof Content.Inline) {
      ByteBuffer bytes = GetHandler.inline(source, null);
      return new Copied(object, publishing.publish(to, object, bytes, request.condition()));
    }
    return new Copied(object, copyBlocks(content, object, request, to));
  }

  /** Writes all bytes anew, since one or both are encrypted. */
  private Copied recode(
      Call call, Objects.Found source, S3Request.CopyObject request, Objects.Target to) {
    ObjectVersion.Stored object = copied(call, source, request);
    CustomerKey key = request.key();
    if (object.content() instanceof Content.Inline) {
      ByteBuffer plain = GetHandler.inline(source, request.source().key());
      byte[] bytes = new byte[plain.remaining()];
      plain.get(bytes);
      Uuid salt = data.salt();
      BodySums sums = BodyDigests.of(bytes, null);
      ObjectVersion.Stored placed =
          object.encoded(
              key == null ? sums.md5() : sums.sealed(salt).md5(), Encryptions.of(key, salt));
      ByteBuffer kept =
          key == null ? ByteBuffer.wrap(bytes) : DataCipher.of(key, salt).sealAll(bytes);
      return new Copied(placed, publishing.publish(to, placed, kept, request.condition()));
    }
    try (DataRun run = DataRun.begin(data, runner, new DataOwner.OfObject(to.key()))) {
      BodySums sums =
          copier.between(request.source().key(), key).copy(run, source, 0, object.size(), null);
      ObjectVersion.Stored placed =
          object
              .withContent(new Content.Blocks(run.id()))
              .encoded(sums.md5(), Encryptions.of(key, run.id()));
      VersionId id = run.commit(() -> publishing.publish(to, placed, request.condition()));
      return new Copied(placed, id);
    }
  }

  private VersionId copyBlocks(
      Content content,
      ObjectVersion.Stored object,
      S3Request.CopyObject request,
      Objects.Target to) {
    try (DataRun run = DataRun.begin(data, runner, new DataOwner.OfObject(to.key()))) {
      copier.reference(run, content, object.size());
      ObjectVersion.Stored placed = object.withContent(new Content.Blocks(run.id()));
      return run.commit(() -> publishing.publish(to, placed, request.condition()));
    }
  }

  private ObjectVersion.Stored copied(
      Call call, Objects.Found source, S3Request.CopyObject request) {
    ObjectVersion.Stored object = source.object();
    List<Tag> tags = request.tags() == null ? object.annotations().tags() : request.tags();
    return new ObjectVersion.Stored(
        object.content(),
        object.size(),
        object.etag(),
        runner.clock().wallMillis(),
        request.headers() == null
            ? StoredHeaders.copied(object.headers(), request.redirectLocation())
            : StoredHeaders.of(request.headers()),
        checksum(source, request),
        ownership.annotations(call, tags, request.acl()));
  }

  private @Nullable ObjectChecksum checksum(Objects.Found source, S3Request.CopyObject request) {
    ChecksumAlgorithm asked = request.checksum();
    CustomerKey key = request.source().key();
    ObjectChecksum present = source.object().checksum();
    if (asked == null
        || (present != null
            && present.value().algorithm() == asked
            && present.type() == ObjectChecksum.Type.FULL_OBJECT)) {
      return present;
    }
    Content content = source.object().content();
    if (content instanceof Content.Inline) {
      BodyDigests digests = new BodyDigests(asked);
      digests.update(GetHandler.inline(source, key));
      return Checksums.full(digests.finish().checksum());
    }
    RangeCopier reading = copier.between(key, null);
    return Checksums.full(reading.sums(content, source.object().size(), asked).checksum());
  }
}
