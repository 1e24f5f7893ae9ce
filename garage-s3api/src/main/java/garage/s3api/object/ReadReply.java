package garage.s3api.object;

import garage.common.check.Invariant;
import garage.common.hash.Checksum;
import garage.http.Headers;
import garage.model.object.Content;
import garage.model.object.Header;
import garage.model.object.ObjectChecksum;
import garage.model.object.ObjectVersion;
import garage.s3api.call.Replies;
import garage.s3api.encryption.Encryptions;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.request.ByteRange;
import garage.s3api.request.HttpDates;
import garage.s3api.request.ReadOptions;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a read of an object is answered with, but for the bytes.
 *
 * @param range the bytes to send; null for none
 */
record ReadReply(int status, Headers headers, ByteRange.@Nullable Resolved range) {
  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;
  private static final int NOT_MODIFIED = 304;

  /** What a 304 repeats of the object's headers. */
  private static final Set<String> CACHING = Set.of("cache-control", "expires");

  /** The client has the object. */
  static ReadReply notModified(ObjectVersion.Stored object) {
    Headers.Builder headers = validators(object);
    for (Header header : object.headers()) {
      if (CACHING.contains(header.name())) {
        headers.add(header.name(), header.value());
      }
    }
    return new ReadReply(NOT_MODIFIED, headers.build(), null);
  }

  /** The object, or the part of it that is asked for. */
  static ReadReply of(ObjectVersion.Stored object, ReadOptions options) {
    Instant modified = Instant.ofEpochMilli(object.modifiedMillis());
    ByteRange range = options.range();
    Integer part = options.partNumber();
    Headers.Builder headers = headers(object, options);
    if (part != null) {
      return ofPart(object, options, part, headers);
    }
    if (range != null && options.rangeApplies(object.etag(), modified)) {
      ByteRange.Resolved resolved = range.resolve(object.size());
      if (resolved == null) {
        throw unsatisfiable(S3ErrorCode.INVALID_RANGE, object.size());
      }
      return partial(object, resolved, headers);
    }
    addChecksum(object, options, headers);
    return new ReadReply(OK, headers.build(), all(object));
  }

  /** This reply with the checksum of the part it is of, and how it counts in the object's. */
  ReadReply with(Checksum checksum, ObjectChecksum.Type type) {
    Headers more =
        headers
            .with(checksum.algorithm().headerName(), checksum.base64())
            .with("x-amz-checksum-type", type.name());
    return new ReadReply(status, more, range);
  }

  private static void addChecksum(
      ObjectVersion.Stored object, ReadOptions options, Headers.Builder headers) {
    ObjectChecksum checksum = object.checksum();
    if (options.withChecksum() && checksum != null) {
      headers.add(checksum.value().algorithm().headerName(), Checksums.text(checksum));
      headers.add("x-amz-checksum-type", checksum.type().name());
    }
  }

  /** Whether the client has the object already. */
  boolean unchanged() {
    return status == NOT_MODIFIED;
  }

  /** The number of bytes to send. */
  long length() {
    return range == null ? 0 : range.length();
  }

  private static ReadReply ofPart(
      ObjectVersion.Stored object, ReadOptions options, int number, Headers.Builder headers) {
    if (object.content() instanceof Content.Parts parts) {
      headers.add("x-amz-mp-parts-count", Integer.toString(parts.count()));
      return partial(object, bytesOf(parts, number, object.size()), headers);
    }
    if (number != 1) {
      throw unsatisfiable(S3ErrorCode.INVALID_PART_NUMBER, object.size());
    }
    addChecksum(object, options, headers);
    return partial(object, all(object), headers);
  }

  private static ByteRange.@Nullable Resolved bytesOf(
      Content.Parts parts, int number, long objectSize) {
    long start = 0;
    for (Content.PartRun run : parts.runs()) {
      if (number >= run.first() && number < run.first() + run.count()) {
        long first = start + (number - run.first()) * run.size();
        return run.size() == 0 ? null : new ByteRange.Resolved(first, first + run.size() - 1);
      }
      start += run.count() * run.size();
    }
    throw unsatisfiable(S3ErrorCode.INVALID_PART_NUMBER, objectSize);
  }

  private static ReadReply partial(
      ObjectVersion.Stored object, ByteRange.@Nullable Resolved range, Headers.Builder headers) {
    if (range == null) {
      return new ReadReply(OK, headers.build(), null);
    }
    Invariant.check(range.last() < object.size(), "a range ends in its object", range);
    headers.add(
        "Content-Range", "bytes %d-%d/%d".formatted(range.first(), range.last(), object.size()));
    return new ReadReply(PARTIAL_CONTENT, headers.build(), range);
  }

  private static ByteRange.@Nullable Resolved all(ObjectVersion.Stored object) {
    return object.size() == 0 ? null : new ByteRange.Resolved(0, object.size() - 1);
  }

  private static Headers.Builder headers(ObjectVersion.Stored object, ReadOptions options) {
    Map<String, String> kept = new TreeMap<>();
    for (Header header : object.headers()) {
      kept.put(header.name(), Metadata.sent(header));
    }
    kept.putAll(options.overrides());
    Headers.Builder headers = validators(object).add("Accept-Ranges", "bytes");
    kept.forEach(headers::add);
    Encryptions.headers(options.key()).forEach(headers::add);
    int tags = object.annotations().tags().size();
    if (tags > 0) {
      headers.add("x-amz-tagging-count", Integer.toString(tags));
    }
    return headers;
  }

  private static Headers.Builder validators(ObjectVersion.Stored object) {
    Instant modified = Instant.ofEpochMilli(object.modifiedMillis());
    return Headers.builder()
        .add("ETag", Replies.quoted(object.etag()))
        .add("Last-Modified", HttpDates.format(modified));
  }

  private static RuntimeException unsatisfiable(S3ErrorCode code, long size) {
    return S3Error.of(code)
        .with("ActualObjectSize", Long.toString(size))
        .withHeader("Content-Range", "bytes */" + size)
        .exception();
  }
}
