package garage.model.object;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a version of a key is. */
public sealed interface ObjectVersion {
  Codec<ObjectVersion> CODEC = Codec.of(ObjectVersion::write, ObjectVersion::read);

  /** When it was written, in milliseconds since the Unix epoch. */
  long modifiedMillis();

  /**
   * A deletion, where versions are kept: while it is the present version there is no object.
   *
   * @param owner the access key that made it
   */
  record DeleteMarker(String owner, long modifiedMillis) implements ObjectVersion {}

  /**
   * An object.
   *
   * @param size in bytes
   * @param etag without quotes
   * @param modifiedMillis when it was written, in milliseconds since the Unix epoch
   * @param headers what is returned with it: content type and the like, and user metadata
   * @param checksum what the client's checksum was, if it gave one
   * @param encryption null for bytes kept as they are
   * @param annotations what may change while the object stays the same
   */
  record Stored(
      Content content,
      long size,
      String etag,
      long modifiedMillis,
      List<Header> headers,
      @Nullable ObjectChecksum checksum,
      @Nullable Encryption encryption,
      Annotations annotations)
      implements ObjectVersion {
    /** An object whose bytes are kept as they are. */
    public Stored(
        Content content,
        long size,
        String etag,
        long modifiedMillis,
        List<Header> headers,
        @Nullable ObjectChecksum checksum,
        Annotations annotations) {
      this(content, size, etag, modifiedMillis, headers, checksum, null, annotations);
    }

    public Stored {
      headers = List.copyOf(headers);
      Invariant.check(size >= 0, "a size is never negative", size);
    }

    /** This object with its bytes elsewhere. */
    public Stored withContent(Content newContent) {
      return new Stored(
          newContent, size, etag, modifiedMillis, headers, checksum, encryption, annotations);
    }

    /** This object with something else said of it. */
    public Stored withAnnotations(Annotations newAnnotations) {
      return new Stored(
          content, size, etag, modifiedMillis, headers, checksum, encryption, newAnnotations);
    }

    /** This object with its bytes encrypted in another way, or no longer, and so another tag. */
    public Stored encoded(String newEtag, @Nullable Encryption newEncryption) {
      return new Stored(
          content, size, newEtag, modifiedMillis, headers, checksum, newEncryption, annotations);
    }

    /** The value of a header; null if there is none. */
    public @Nullable String header(String name) {
      for (Header header : headers) {
        if (header.name().equals(name)) {
          return header.value();
        }
      }
      return null;
    }
  }

  private static void write(Writer out, ObjectVersion version) {
    switch (version) {
      case DeleteMarker(String owner, long at) -> out.u8(3).string(owner).varint(at);
      case Stored s ->
          out.u8(2)
              .value(s.content, Content.CODEC)
              .varint(s.size)
              .string(s.etag)
              .varint(s.modifiedMillis)
              .list(s.headers, Header.CODEC)
              .optional(s.checksum, ObjectChecksum.CODEC)
              .optional(s.encryption, Encryption.CODEC)
              .value(s.annotations, Annotations.CODEC);
    }
  }

  private static ObjectVersion read(Reader in) {
    int kind = in.u8();
    return switch (kind) {
      case 3 -> new DeleteMarker(in.string(), in.varint());
      case 2 ->
          new Stored(
              in.value(Content.CODEC),
              in.varint(),
              in.string(),
              in.varint(),
              in.list(Header.CODEC),
              in.optional(ObjectChecksum.CODEC),
              in.optional(Encryption.CODEC),
              in.value(Annotations.CODEC));
      default -> throw new GarageException.Corrupt("unknown kind of object version " + kind);
    };
  }
}
