package garage.s3api.multipart;

import garage.common.hash.ChecksumAlgorithm;
import garage.http.HttpResponse;
import garage.model.object.ObjectKey;
import garage.model.object.Part;
import garage.model.object.Upload;
import garage.model.object.Uploads;
import garage.s3api.acl.Ownership;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.object.Checksums;
import garage.s3api.request.S3Request;
import garage.s3api.xml.ListPartsResult;
import garage.s3api.xml.UploadName;
import java.time.Instant;
import java.util.List;

/** ListParts. */
public final class ListPartsHandler {
  private final Uploads uploads;
  private final PartAttempts parts;
  private final Ownership ownership;
  private final Runner runner;

  public ListPartsHandler(Uploads uploads, Ownership ownership, Runner runner) {
    this.uploads = uploads;
    this.ownership = ownership;
    this.parts = new PartAttempts(uploads, runner);
    this.runner = runner;
  }

  /** Lists the parts of an upload. */
  public HttpResponse list(Call call, S3Request.ListParts request) {
    ObjectKey key = call.key(request.name().key());
    Upload upload = UploadNames.find(uploads, key, request.uploadId(), runner.metadata());
    if (upload.state() instanceof Upload.State.Completed) {
      throw UploadNames.unknown(request.uploadId());
    }
    int max = request.maxParts();
    List<Part> found = max == 0 ? List.of() : parts.list(upload.id(), request.marker(), max + 1);
    boolean more = found.size() > max;
    List<Part> shown = more ? found.subList(0, max) : found;
    ChecksumAlgorithm algorithm = upload.checksumAlgorithm();
    return Replies.xml(
        new ListPartsResult(
            new UploadName(request.bucket(), request.name().key(), request.uploadId()),
            ownership.named(upload.initiator()),
            ownership.named(ownership.owner(call.bucket(), upload.annotations())),
            request.marker(),
            more ? (Integer) shown.getLast().number() : null,
            max,
            shown.stream().map(ListPartsHandler::part).toList(),
            algorithm == null ? null : algorithm.name(),
            upload.checksumType() == null ? null : upload.checksumType().name()));
  }

  private static ListPartsResult.Part part(Part part) {
    return new ListPartsResult.Part(
        part.number(),
        Instant.ofEpochMilli(part.at().millis()),
        part.etag(),
        part.size(),
        Checksums.fields(part.checksum()));
  }
}
