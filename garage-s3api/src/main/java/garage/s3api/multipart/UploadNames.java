package garage.s3api.multipart;

import garage.common.env.Deadline;
import garage.common.id.Uuid;
import garage.model.object.ObjectKey;
import garage.model.object.Upload;
import garage.model.object.Uploads;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;

/** Finds uploads by the ids clients hold. */
final class UploadNames {
  private UploadNames() {}

  /** The id; refused as unknown if it cannot be one. */
  static Uuid parse(String uploadId) {
    try {
      return Uuid.parse(uploadId);
    } catch (IllegalArgumentException e) {
      throw unknown(uploadId);
    }
  }

  /** The upload, in any state. */
  static Upload find(Uploads uploads, ObjectKey key, String uploadId, Deadline deadline) {
    return uploads.find(key, parse(uploadId), deadline).orElseThrow(() -> unknown(uploadId));
  }

  /** The upload, which takes parts. */
  static Upload findOpen(Uploads uploads, ObjectKey key, String uploadId, Deadline deadline) {
    Upload upload = find(uploads, key, uploadId, deadline);
    if (!(upload.state() instanceof Upload.State.Open)) {
      throw unknown(uploadId);
    }
    return upload;
  }

  /** That there is no such upload. */
  static S3Exception unknown(String uploadId) {
    return S3Error.of(S3ErrorCode.NO_SUCH_UPLOAD).with("UploadId", uploadId).exception();
  }
}
