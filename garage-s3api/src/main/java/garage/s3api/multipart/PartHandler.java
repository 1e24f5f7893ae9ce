package garage.s3api.multipart;

import garage.common.error.GarageException;
import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.common.time.Timestamp;
import garage.http.Headers;
import garage.http.HttpResponse;
import garage.model.object.DataOwner;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectTables;
import garage.model.object.Objects;
import garage.model.object.Part;
import garage.model.object.Upload;
import garage.s3api.body.BodySums;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.call.Source;
import garage.s3api.encryption.Encryptions;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.object.BodyWriter;
import garage.s3api.object.Checksums;
import garage.s3api.object.CopySources;
import garage.s3api.object.DataRun;
import garage.s3api.object.RangeCopier;
import garage.s3api.request.ByteRange;
import garage.s3api.request.S3Request;
import garage.s3api.request.UploadBody;
import garage.s3api.xml.Accompanied;
import garage.s3api.xml.CopyResult;
import garage.s3api.xml.XmlDocument;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * UploadPart and UploadPartCopy. Each attempt at a part is kept until the upload ends, so that a
 * part that is sent again while the upload is completed does not change what was chosen.
 */
public final class PartHandler {
  private final ObjectTables tables;
  private final BodyWriter writer;
  private final CopySources sources;
  private final RangeCopier copier;
  private final Runner runner;

  public PartHandler(
      ObjectTables tables,
      BodyWriter writer,
      CopySources sources,
      RangeCopier copier,
      Runner runner) {
    this.tables = tables;
    this.writer = writer;
    this.sources = sources;
    this.copier = copier;
    this.runner = runner;
  }

  /** Stores the body as a part. */
  public HttpResponse upload(Call call, S3Request.UploadPart request) {
    ObjectKey key = call.key(request.name().key());
    Attempt attempt = attempt(key, request.part());
    Encryptions.check(attempt.upload(), request.body().key());
    checkAlgorithm(attempt.upload(), request.body().claim().checksum().algorithm());
    try (DataRun run = begin(attempt)) {
      BodySums sums =
          writer.write(run, call.body(), request.body(), attempt.upload().checksumAlgorithm());
      commit(run, key, attempt.part(run, request.body().length(), sums));
      Headers.Builder headers = Encryptions.headers(request.body().key()).toBuilder();
      headers.add("ETag", Replies.quoted(sums.md5()));
      Checksum checksum = sums.checksum();
      if (checksum != null) {
        headers.add(checksum.algorithm().headerName(), checksum.base64());
      }
      return HttpResponse.empty(200, headers.build());
    }
  }

  /** Stores bytes of the object {@code from} as a part. */
  public XmlDocument copy(Call call, S3Request.UploadPartCopy request, Source from) {
    ObjectKey key = call.key(request.name().key());
    Attempt attempt = attempt(key, request.part());
    Encryptions.check(attempt.upload(), request.key());
    Objects.Found source = sources.find(from, request.source());
    long size = source.object().size();
    ByteRange.Span range = request.range();
    long first = range == null ? 0 : range.first();
    long end = range == null ? size : range.last() + 1;
    checkRange(end, end - first, size, range);
    try (DataRun run = begin(attempt)) {
      BodySums sums =
          copier
              .between(request.source().key(), request.key())
              .copy(run, source, first, end, attempt.upload().checksumAlgorithm());
      Part part = attempt.part(run, end - first, sums);
      commit(run, key, part);
      return new Accompanied(
          new CopyResult(
              CopyResult.Kind.PART,
              Instant.ofEpochMilli(part.at().millis()),
              part.etag(),
              Checksums.fields(part.checksum()),
              null),
          CopySources.named(request.source()));
    }
  }

  /** An attempt at a part that has begun. */
  private record Attempt(Upload upload, int number, Timestamp at) {
    Part part(DataRun run, long size, BodySums sums) {
      ChecksumAlgorithm kept = upload.checksumAlgorithm();
      return new Part(
          upload.id(),
          number,
          at,
          run.id(),
          size,
          sums.md5(),
          kept == null ? null : sums.checksum(),
          Timestamp.ZERO,
          false);
    }
  }

  private Attempt attempt(ObjectKey key, S3Request.PartName part) {
    Upload upload = UploadNames.findOpen(tables.uploads(), key, part.uploadId(), runner.metadata());
    return new Attempt(upload, part.number(), tables.uploads().now());
  }

  private DataRun begin(Attempt attempt) {
    Upload upload = attempt.upload();
    DataOwner owner =
        new DataOwner.OfPart(upload.object(), upload.id(), attempt.number(), attempt.at());
    return DataRun.begin(tables.data(), runner, owner);
  }

  private void commit(DataRun run, ObjectKey key, Part part) {
    run.commit(() -> {
      try {
        tables.uploads().addPart(key, part, runner.metadata());
        return part;
      } catch (GarageException.Missing e) {
        throw UploadNames.unknown(part.uploadId().toString());
      }
    });
  }

  /** An upload that named an algorithm takes no other; one that named none takes any. */
  private static void checkAlgorithm(Upload upload, @Nullable ChecksumAlgorithm sent) {
    ChecksumAlgorithm declared = upload.checksumAlgorithm();
    if (declared != null && sent != null && sent != declared) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s"
              .formatted(lower(declared), lower(sent)));
    }
  }

  private static String lower(ChecksumAlgorithm algorithm) {
    return algorithm.name().toLowerCase(Locale.ROOT);
  }

  private static void checkRange(long end, long length, long size, ByteRange.@Nullable Span range) {
    if (range != null && end > size) {
      throw S3Error.of(
              S3ErrorCode.INVALID_RANGE,
              "Range specified is not valid for source object of size: " + size)
          .with("RangeRequested", "bytes=" + range.first() + "-" + range.last())
          .with("ActualObjectSize", Long.toString(size))
          .exception();
    }
    if (length > UploadBody.BYTES_MAX) {
      throw S3Error.of(S3ErrorCode.ENTITY_TOO_LARGE)
          .with("ProposedSize", Long.toString(length))
          .with("MaxSizeAllowed", Long.toString(UploadBody.BYTES_MAX))
          .exception();
    }
  }
}
