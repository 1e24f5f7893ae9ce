package garage.s3api.object;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.model.object.Content;
import garage.model.object.ObjectChecksum;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.Part;
import garage.model.object.Uploads;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.encryption.Encryptions;
import garage.s3api.find.Sights;
import garage.s3api.request.HttpDates;
import garage.s3api.request.ObjectAttribute;
import garage.s3api.request.S3Request;
import garage.s3api.xml.ObjectAttributesResult;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** GetObjectAttributes. */
public final class AttributesHandler {
  private final Sights sights;
  private final Uploads uploads;
  private final Runner runner;

  public AttributesHandler(Objects objects, Uploads uploads, Runner runner) {
    this.sights = new Sights(objects, runner);
    this.uploads = uploads;
    this.runner = runner;
  }

  /** Answers what is asked of an object. */
  public HttpResponse get(Call call, S3Request.GetObjectAttributes request) {
    ObjectKey key = call.key(request.name().key());
    Objects.Found found = sights.find(key, request.version(), false);
    ObjectVersion.Stored object = found.object();
    Encryptions.check(object, request.key());
    Set<ObjectAttribute> asked = request.attributes();
    Instant modified = Instant.ofEpochMilli(object.modifiedMillis());
    HttpResponse reply =
        Replies.xml(
            new ObjectAttributesResult(
                asked.contains(ObjectAttribute.ETAG) ? object.etag() : null,
                asked.contains(ObjectAttribute.CHECKSUM) ? checksum(object.checksum()) : null,
                asked.contains(ObjectAttribute.OBJECT_PARTS)
                    ? parts(object.content(), request)
                    : null,
                asked.contains(ObjectAttribute.STORAGE_CLASS) ? "STANDARD" : null,
                asked.contains(ObjectAttribute.OBJECT_SIZE) ? (Long) object.size() : null),
            Headers.of("Last-Modified", HttpDates.format(modified)));
    return Sights.named(call, found, reply);
  }

  private static ObjectAttributesResult.@Nullable Checksum checksum(
      @Nullable ObjectChecksum checksum) {
    return checksum == null
        ? null
        : new ObjectAttributesResult.Checksum(Checksums.fields(checksum), checksum.type().name());
  }

  /** Null for an object that is not of parts. */
  private ObjectAttributesResult.@Nullable Parts parts(
      Content content, S3Request.GetObjectAttributes request) {
    if (!(content instanceof Content.Parts parts)) {
      return null;
    }
    int max = request.maxParts();
    List<Part> found = uploads.chosen(parts, request.marker() + 1, max + 1, runner.metadata());
    boolean more = found.size() > max;
    List<Part> page = more ? found.subList(0, max) : found;
    return new ObjectAttributesResult.Parts(
        parts.count(),
        request.marker(),
        more ? (Integer) (page.isEmpty() ? request.marker() : page.getLast().number()) : null,
        max,
        page.stream().map(AttributesHandler::part).toList());
  }

  private static ObjectAttributesResult.Part part(Part part) {
    return new ObjectAttributesResult.Part(
        part.number(), part.size(), Checksums.fields(part.checksum()));
  }
}
