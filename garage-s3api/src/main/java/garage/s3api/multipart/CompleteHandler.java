package garage.s3api.multipart;

import garage.common.time.Timestamp;
import garage.model.object.Content;
import garage.model.object.ObjectChecksum;
import garage.model.object.ObjectKey;
import garage.model.object.ObjectVersion;
import garage.model.object.Objects;
import garage.model.object.Part;
import garage.model.object.Upload;
import garage.model.object.Uploads;
import garage.model.object.VersionId;
import garage.s3api.body.Documents;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.encryption.Encryptions;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.object.Checksums;
import garage.s3api.object.Publishing;
import garage.s3api.object.QuotaGuard;
import garage.s3api.request.S3Request;
import garage.s3api.request.UploadChecksum;
import garage.s3api.xml.Accompanied;
import garage.s3api.xml.CompleteDocument;
import garage.s3api.xml.CompleteMultipartUploadResult;
import garage.s3api.xml.XmlDocument;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * CompleteMultipartUpload. The object refers to the parts, no byte is copied. A completion that is
 * repeated, because its answer was lost, is answered as the first was for as long as the upload is
 * remembered; one that died half-way is gone on with by a repetition.
 */
public final class CompleteHandler {
  private final Uploads uploads;
  private final PartAttempts parts;
  private final Publishing publishing;
  private final QuotaGuard quotas;
  private final Runner runner;
  private final long partBytesMin;

  /** {@code partBytesMin} is what a part has at least that is not the last. */
  public CompleteHandler(
      Uploads uploads, Publishing publishing, QuotaGuard quotas, Runner runner, long partBytesMin) {
    this.partBytesMin = partBytesMin;
    this.quotas = quotas;
    this.uploads = uploads;
    this.parts = new PartAttempts(uploads, runner);
    this.publishing = publishing;
    this.runner = runner;
  }

  /** Reads the document that names the parts. */
  public CompleteDocument document(Call call, S3Request.CompleteMultipartUpload request) {
    byte[] body = Documents.read(call.body(), request.claim(), CompleteDocument.BYTES_MAX);
    if (body == null) {
      throw S3ErrorCode.MAX_MESSAGE_LENGTH_EXCEEDED.exception();
    }
    return CompleteDocument.parse(body);
  }

  /** Makes the object of the parts the document names. */
  public XmlDocument complete(
      Call call, S3Request.CompleteMultipartUpload request, CompleteDocument document) {
    ObjectKey key = call.key(request.name().key());
    Upload upload = UploadNames.find(uploads, key, request.uploadId(), runner.metadata());
    Encryptions.checkCompletion(upload, request.key());
    SortedMap<Integer, CompleteDocument.Part> named = Assembly.named(document);
    if (upload.state() instanceof Upload.State.Completed completed) {
      return repeated(call, request, upload, completed.etag(), named);
    }
    Assembly assembly = assembly(key, upload, named);
    ObjectChecksum checksum = assembly.checksum(upload.checksumAlgorithm(), upload.checksumType());
    verify(request, assembly, checksum);
    quotas.check(call.bucket(), key, assembly.size());
    return switch (uploads.start(key, upload.id(), assembly.parts(), runner.metadata())) {
      case Uploads.Start.Go(Upload started, Timestamp completion) -> {
        Completion under = new Completion(call.target(key.key()), started, completion);
        ObjectVersion.Stored object = object(under, assembly, checksum);
        VersionId id = publish(request, under, object);
        Map<String, String> headers = new TreeMap<>(call.expiration(key.key(), object));
        if (call.makesVersions() && id != null) {
          headers.putAll(Replies.version(id));
        }
        yield new Accompanied(result(call, request, assembly.etag(), checksum), headers);
      }
      case Uploads.Start.Before(Upload _, String etag) -> result(call, request, etag, checksum);
      case Uploads.Start.NoSuchUpload() -> throw UploadNames.unknown(request.uploadId());
      case Uploads.Start.Busy() -> throw S3ErrorCode.OPERATION_ABORTED.exception();
    };
  }

  /** The parts named; a part may be missing because the upload was ended meanwhile. */
  private Assembly assembly(
      ObjectKey key, Upload upload, SortedMap<Integer, CompleteDocument.Part> named) {
    Map<Integer, Part> found = found(upload, named);
    if (!found.keySet().containsAll(named.keySet())) {
      UploadNames.find(uploads, key, upload.id().toString(), runner.metadata());
    }
    return Assembly.choose(named, found, partBytesMin);
  }

  /** A completion under way. */
  private record Completion(Objects.Target to, Upload upload, Timestamp id) {}

  private ObjectVersion.Stored object(
      Completion completion, Assembly assembly, @Nullable ObjectChecksum checksum) {
    Upload upload = completion.upload();
    return new ObjectVersion.Stored(
        new Content.Parts(upload.id(), completion.id(), assembly.runs()),
        assembly.size(),
        assembly.etag(),
        runner.clock().wallMillis(),
        upload.headers(),
        checksum,
        upload.encryption(),
        upload.annotations());
  }

  /** Writes the object; null if another run of the same completion has, and knows the version. */
  private @Nullable VersionId publish(
      S3Request.CompleteMultipartUpload request,
      Completion completion,
      ObjectVersion.Stored object) {
    Upload upload = completion.upload();
    try {
      VersionId version =
          publishing.publishIf(
              id -> uploads.mayPublish(upload, completion.id(), id, runner.metadata()),
              completion.to(),
              object,
              request.condition());
      uploads.completed(upload, completion.id(), object.etag(), runner.metadata());
      return version;
    } catch (S3Exception refusal) {
      return switch (uploads.refused(upload, completion.id(), runner.metadata())) {
        case CONDITION -> throw refusal;
        case STOPPED -> throw UploadNames.unknown(request.uploadId());
        case TAKEN_OVER -> throw S3ErrorCode.OPERATION_ABORTED.exception();
        case WRITTEN_BEFORE -> null;
      };
    }
  }

  private Map<Integer, Part> found(Upload upload, Map<Integer, CompleteDocument.Part> named) {
    Map<Integer, String> tags = new HashMap<>();
    named.forEach((number, part) -> tags.put(number, part.etag()));
    return parts.matching(upload.id(), tags);
  }

  /**
   * Answers again. The parts may be gone by now, with the object they became; their tags tell all
   * the same.
   */
  private CompleteMultipartUploadResult repeated(
      Call call,
      S3Request.CompleteMultipartUpload request,
      Upload upload,
      String etag,
      Map<Integer, CompleteDocument.Part> named) {
    List<String> tags = named.values().stream().map(CompleteDocument.Part::etag).toList();
    try {
      if (Assembly.etag(tags).equals(etag)) {
        Map<Integer, Part> found = found(upload, named);
        ObjectChecksum checksum =
            found.size() < named.size()
                ? null
                : Assembly.choose(named, found, partBytesMin)
                    .checksum(upload.checksumAlgorithm(), upload.checksumType());
        return result(call, request, etag, checksum);
      }
    } catch (IllegalArgumentException e) {
      // a tag that is not in hex is of no part: the same answer as a wrong one
    }
    throw UploadNames.unknown(request.uploadId());
  }

  private static CompleteMultipartUploadResult result(
      Call call,
      S3Request.CompleteMultipartUpload request,
      String etag,
      @Nullable ObjectChecksum checksum) {
    return new CompleteMultipartUploadResult(
        location(call),
        request.bucket(),
        request.name().key(),
        etag,
        Checksums.fields(checksum),
        Checksums.type(checksum));
  }

  private static String location(Call call) {
    String scheme = call.http().peer().secure() ? "https://" : "http://";
    String host = call.http().host();
    return scheme + (host == null ? "" : host) + call.http().target().rawPath();
  }

  private static void verify(
      S3Request.CompleteMultipartUpload request,
      Assembly assembly,
      @Nullable ObjectChecksum checksum) {
    Long size = request.objectSize();
    if (size != null && size != assembly.size()) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "The provided 'x-amz-mp-object-size' header value %d does not match what was computed: %d"
              .formatted(size, assembly.size()));
    }
    S3Request.CompleteChecksum claimed = request.checksumHeader();
    if (claimed != null) {
      verify(claimed, checksum);
    }
  }

  private static void verify(
      S3Request.CompleteChecksum claimed, @Nullable ObjectChecksum checksum) {
    UploadChecksum.Type type = claimed.type();
    if (type != null && !type.name().equals(Checksums.type(checksum))) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "The upload was created using the %s checksum mode. The complete request must use the"
                  .formatted(Checksums.type(checksum))
              + " same checksum mode.");
    }
    String value = claimed.value();
    if (value == null) {
      return;
    }
    if (checksum == null || checksum.value().algorithm() != claimed.algorithm()) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "The complete request names a checksum algorithm the upload was not created with.");
    }
    if (!value.equals(Checksums.text(checksum)) && !value.equals(checksum.value().base64())) {
      throw S3Error.of(
              S3ErrorCode.BAD_DIGEST,
              "The %s you specified did not match the calculated checksum."
                  .formatted(claimed.algorithm()))
          .exception();
    }
  }
}
