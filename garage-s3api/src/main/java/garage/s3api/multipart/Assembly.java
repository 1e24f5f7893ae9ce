package garage.s3api.multipart;

import garage.common.check.Invariant;
import garage.common.hash.Checksum;
import garage.common.hash.ChecksumAlgorithm;
import garage.common.hash.Digests;
import garage.model.object.Content;
import garage.model.object.ObjectChecksum;
import garage.model.object.Part;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.xml.ChecksumField;
import garage.s3api.xml.CompleteDocument;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The parts a client chose, checked, and what follows from them for the object: pure.
 *
 * @param parts in the object's order
 */
record Assembly(List<Part> parts) {
  /** AWS's greatest size of an object. */
  static final long OBJECT_BYTES_MAX = 5L << 40;

  Assembly {
    parts = List.copyOf(parts);
    Invariant.check(!parts.isEmpty(), "an object is made of parts");
  }

  /**
   * The parts a document names, by number. A number may be named twice in a row, as by a client
   * that sent a part twice; the last one counts.
   */
  static SortedMap<Integer, CompleteDocument.Part> named(CompleteDocument document) {
    SortedMap<Integer, CompleteDocument.Part> named = new TreeMap<>();
    for (CompleteDocument.Part part : document.parts()) {
      if (!named.isEmpty() && part.number() < named.lastKey()) {
        throw S3ErrorCode.INVALID_PART_ORDER.exception();
      }
      named.put(part.number(), part);
    }
    return named;
  }

  /**
   * The parts named, out of those found by their tags; all but the last have {@code partBytesMin}.
   */
  static Assembly choose(
      Map<Integer, CompleteDocument.Part> named, Map<Integer, Part> found, long partBytesMin) {
    List<Part> chosen = new ArrayList<>();
    for (CompleteDocument.Part name : named.values()) {
      Part part = found.get(name.number());
      if (part == null || !agree(name, part)) {
        throw invalidPart(name);
      }
      chosen.add(part);
    }
    Assembly assembly = new Assembly(chosen);
    assembly.checkSizes(partBytesMin);
    return assembly;
  }

  /** The tag of an object made of parts with these tags: what AWS makes of them. */
  static String etag(List<String> partTags) {
    MessageDigest md5 = Digests.md5();
    for (String tag : partTags) {
      md5.update(HexFormat.of().parseHex(tag));
    }
    return HexFormat.of().formatHex(md5.digest()) + "-" + partTags.size();
  }

  String etag() {
    return etag(parts.stream().map(Part::etag).toList());
  }

  long size() {
    return parts.stream().mapToLong(Part::size).sum();
  }

  /** The sizes of the parts, run by run. */
  List<Content.PartRun> runs() {
    List<Content.PartRun> runs = new ArrayList<>();
    for (Part part : parts) {
      Content.PartRun last = runs.isEmpty() ? null : runs.getLast();
      if (last != null
          && last.size() == part.size()
          && last.first() + last.count() == part.number()) {
        runs.set(runs.size() - 1, new Content.PartRun(last.first(), last.count() + 1, last.size()));
      } else {
        runs.add(new Content.PartRun(part.number(), 1, part.size()));
      }
    }
    long bytes = runs.stream().mapToLong(run -> run.count() * run.size()).sum();
    Invariant.check(bytes == size(), "the runs are the parts", bytes);
    return runs;
  }

  /** The object's checksum; null if the upload named no algorithm. */
  @Nullable ObjectChecksum checksum(
      @Nullable ChecksumAlgorithm algorithm, ObjectChecksum.@Nullable Type type) {
    if (algorithm == null || type == null) {
      return null;
    }
    return switch (type) {
      case COMPOSITE ->
          new ObjectChecksum(
              Checksum.composite(algorithm, parts.stream().map(Assembly::checksum).toList()),
              type,
              parts.size());
      case FULL_OBJECT -> {
        Checksum joined = checksum(parts.getFirst());
        for (Part part : parts.subList(1, parts.size())) {
          joined = joined.then(checksum(part), part.size());
        }
        yield ObjectChecksum.full(joined);
      }
    };
  }

  private static Checksum checksum(Part part) {
    Checksum checksum = part.checksum();
    Invariant.check(checksum != null, "a part of an upload with checksums has one");
    return Objects.requireNonNull(checksum);
  }

  private static boolean agree(CompleteDocument.Part named, Part part) {
    Checksum checksum = part.checksum();
    for (ChecksumField field : named.checksums()) {
      if (checksum != null
          && checksum.algorithm() == field.algorithm()
          && !checksum.base64().equals(field.value())) {
        return false;
      }
    }
    return true;
  }

  private void checkSizes(long partBytesMin) {
    for (Part part : parts.subList(0, parts.size() - 1)) {
      if (part.size() < partBytesMin) {
        throw S3Error.of(S3ErrorCode.ENTITY_TOO_SMALL)
            .with("ProposedSize", Long.toString(part.size()))
            .with("MinSizeAllowed", Long.toString(partBytesMin))
            .with("PartNumber", Integer.toString(part.number()))
            .with("ETag", part.etag())
            .exception();
      }
    }
    if (size() > OBJECT_BYTES_MAX) {
      throw S3Error.of(S3ErrorCode.ENTITY_TOO_LARGE)
          .with("ProposedSize", Long.toString(size()))
          .with("MaxSizeAllowed", Long.toString(OBJECT_BYTES_MAX))
          .exception();
    }
  }

  private static S3Exception invalidPart(CompleteDocument.Part named) {
    return S3Error.of(S3ErrorCode.INVALID_PART)
        .with("PartNumber", Integer.toString(named.number()))
        .with("ETag", named.etag())
        .exception();
  }
}
