package garage.s3api.object;

import garage.common.hash.Checksum;
import garage.common.id.Uuid;
import garage.http.Headers;
import garage.http.HttpResponse;
import garage.http.sigv4.Payload;
import garage.model.object.Annotations;
import garage.model.object.Content;
import garage.model.object.DataOwner;
import garage.model.object.ObjectData;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.VersionId;
import garage.s3api.acl.Ownership;
import garage.s3api.body.BodyDigests;
import garage.s3api.body.BodySums;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.call.S3Settings;
import garage.s3api.encryption.DataCipher;
import garage.s3api.encryption.Encryptions;
import garage.s3api.request.CustomerKey;
import garage.s3api.request.S3Request;
import garage.s3api.request.UploadBody;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * PutObject. The object becomes visible in one step, when its bytes are durable and known to be
 * what the client meant; until then, and whatever fails, the key shows what it showed before.
 */
public final class PutHandler {
  private final ObjectData data;
  private final Publishing publishing;
  private final QuotaGuard quotas;
  private final Ownership ownership;
  private final BodyWriter writer;
  private final Runner runner;
  private final SmallBodies small;
  private final S3Settings settings;

  public PutHandler(
      ObjectData data,
      Publishing publishing,
      QuotaGuard quotas,
      Ownership ownership,
      SmallBodies small,
      S3Settings settings) {
    this.quotas = quotas;
    this.runner = quotas.runner();
    this.ownership = ownership;
    this.data = data;
    this.small = small;
    this.publishing = publishing;
    this.writer = new BodyWriter(data, runner, settings.blockBytes());
    this.settings = settings;
  }

  /** Stores an object. */
  public HttpResponse put(Call call, S3Request.PutObject request) {
    ObjectKey key = call.key(request.name().key());
    Annotations said = ownership.annotations(call, request.tags(), request.acl());
    long length = request.body().length();
    if (length == UploadBody.UNKNOWN || !settings.isInline(length)) {
      publishing.precheck(key, request.condition()); // spares sending it; else it is one round more
    }
    quotas.check(call.bucket(), key, Math.max(0, length));
    Put put =
        length == UploadBody.UNKNOWN
            ? putToEnd(call, key, request, said)
            : settings.isInline(length)
                ? putInline(call, request, said)
                : putBlocks(call, call.body(), request, said);
    BodySums sums = put.sums();
    Headers.Builder headers = Encryptions.headers(request.body().key()).toBuilder();
    headers.add("ETag", Replies.quoted(sums.md5()));
    call.expiration(key.key(), put.object()).forEach(headers::add);
    if (call.makesVersions()) {
      headers.add(Replies.VERSION_ID, put.id().text());
    }
    Checksum checksum = sums.checksum();
    if (checksum != null) {
      headers.add(checksum.algorithm().headerName(), checksum.base64());
      headers.add("x-amz-checksum-type", "FULL_OBJECT");
    }
    return HttpResponse.empty(200, headers.build());
  }

  /** What was stored, and as which version. */
  private record Put(BodySums sums, ObjectVersion.Stored object, VersionId id) {}

  private Put putInline(Call call, S3Request.PutObject request, Annotations said) {
    byte[] start = BodyWriter.readStart(call.body(), request.body().length());
    try (SmallBodies.Lease _ = small.take((int) request.body().length(), runner.metadata())) {
      byte[] bytes = BodyWriter.readSmall(call.body(), start, request.body());
      return keep(call, request, said, bytes);
    }
  }

  /** Stores a body whose length is known when it has been read. */
  private Put putToEnd(Call call, ObjectKey key, S3Request.PutObject request, Annotations said) {
    byte[] start = new byte[settings.inlineMax() + 1];
    try (SmallBodies.Lease _ = small.take(start.length, runner.metadata())) {
      int n = call.body().readNBytes(start, 0, start.length);
      if (n < start.length) {
        quotas.check(call.bucket(), key, n);
        return keep(call, request, said, Arrays.copyOf(start, n));
      }
    }
    return putBlocks(call, new RejoinedPayload(start, call.body()), request, said);
  }

  /** Stores a body that is in memory beside the object's metadata. */
  private Put keep(Call call, S3Request.PutObject request, Annotations said, byte[] bytes) {
    BodySums sums = BodyDigests.of(bytes, request.body().claim().checksum().algorithm());
    sums.verify(request.body().claim(), call.body().trailers());
    CustomerKey secret = request.body().key();
    Uuid salt = data.salt();
    BodySums told = secret == null ? sums : sums.sealed(salt);
    ByteBuffer kept =
        secret == null ? ByteBuffer.wrap(bytes) : DataCipher.of(secret, salt).sealAll(bytes);
    ObjectVersion.Stored object = object(request, new Content.Inline(), told, salt, said);
    Objects.Target to = call.target(request.name().key());
    return new Put(told, object, publishing.publish(to, object, kept, request.condition()));
  }

  private Put putBlocks(Call call, Payload body, S3Request.PutObject request, Annotations said) {
    Objects.Target to = call.target(request.name().key());
    try (DataRun run = DataRun.begin(data, runner, new DataOwner.OfObject(to.key()))) {
      BodySums sums = writer.write(run, body, request.body(), null);
      ObjectVersion.Stored object =
          object(request, new Content.Blocks(run.id()), sums, run.id(), said);
      quotas.check(call.bucket(), to.key(), object.size()); // many may have been sent at once
      VersionId id = run.commit(() -> publishing.publish(to, object, request.condition()));
      return new Put(sums, object, id);
    }
  }

  private ObjectVersion.Stored object(
      S3Request.PutObject request, Content content, BodySums sums, Uuid salt, Annotations said) {
    return new ObjectVersion.Stored(
        content,
        sums.length(),
        sums.md5(),
        runner.clock().wallMillis(),
        StoredHeaders.of(request.headers()),
        Checksums.full(sums.checksum()),
        Encryptions.of(request.body().key(), salt),
        said);
  }
}
