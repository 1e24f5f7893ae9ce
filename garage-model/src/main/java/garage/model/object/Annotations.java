package garage.model.object;

import garage.common.codec.Codec;
import java.util.List;

/**
 * What is said of an object beside its bytes and headers.
 *
 * @param owner the access key that stored it
 * @param tags in the order given; no two have the same key
 */
public record Annotations(String owner, List<Tag> tags) {
  static final Codec<Annotations> CODEC =
      Codec.of(
          (out, a) -> out.string(a.owner).list(a.tags, Tag.CODEC),
          in -> new Annotations(in.string(), in.list(Tag.CODEC)));

  public Annotations {
    tags = List.copyOf(tags);
  }

  /** Of an object without tags. */
  public static Annotations of(String owner) {
    return new Annotations(owner, List.of());
  }

  /** With these tags instead. */
  public Annotations withTags(List<Tag> newTags) {
    return new Annotations(owner, newTags);
  }
}
