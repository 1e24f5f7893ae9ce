package garage.s3api.multipart;

import garage.common.id.Uuid;
import garage.http.Headers;
import garage.http.HttpResponse;
import garage.model.object.ObjectChecksum;
import garage.model.object.ObjectData;
import garage.model.object.Upload;
import garage.model.object.Uploads;
import garage.s3api.acl.Ownership;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.encryption.Encryptions;
import garage.s3api.object.StoredHeaders;
import garage.s3api.request.S3Request;
import garage.s3api.request.UploadChecksum;
import garage.s3api.xml.InitiateMultipartUploadResult;
import garage.s3api.xml.UploadName;

/** CreateMultipartUpload and AbortMultipartUpload. */
public final class UploadHandler {
  private final Uploads uploads;
  private final ObjectData data;
  private final Ownership ownership;
  private final Runner runner;

  public UploadHandler(Uploads uploads, ObjectData data, Ownership ownership, Runner runner) {
    this.uploads = uploads;
    this.data = data;
    this.ownership = ownership;
    this.runner = runner;
  }

  /** Begins an upload. */
  public HttpResponse create(Call call, S3Request.CreateMultipartUpload request) {
    UploadChecksum checksum = request.checksum();
    Uploads.Begin begin =
        new Uploads.Begin(
            call.key(request.name().key()),
            call.caller().id(),
            StoredHeaders.of(request.headers()),
            ownership.annotations(call, request.tags(), request.acl()),
            checksum == null ? null : checksum.algorithm(),
            checksum == null ? null : type(checksum.type()),
            Encryptions.of(request.key(), data.salt()));
    Upload upload = uploads.create(begin, runner.metadata());
    Headers.Builder headers = Encryptions.headers(request.key()).toBuilder();
    if (checksum != null) {
      headers.add("x-amz-checksum-algorithm", checksum.algorithm().name());
      headers.add("x-amz-checksum-type", checksum.type().name());
    }
    return Replies.xml(
        new InitiateMultipartUploadResult(
            new UploadName(request.bucket(), request.name().key(), upload.id().toString())),
        headers.build());
  }

  /** Gives an upload up. */
  public HttpResponse abort(Call call, S3Request.AbortMultipartUpload request) {
    Uuid id = UploadNames.parse(request.uploadId());
    if (!uploads.abort(call.key(request.name().key()), id, runner.metadata())) {
      throw UploadNames.unknown(request.uploadId());
    }
    return Replies.noContent();
  }

  private static ObjectChecksum.Type type(UploadChecksum.Type type) {
    return switch (type) {
      case COMPOSITE -> ObjectChecksum.Type.COMPOSITE;
      case FULL_OBJECT -> ObjectChecksum.Type.FULL_OBJECT;
    };
  }
}
