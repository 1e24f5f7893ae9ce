package garage.model.object;

import garage.common.codec.Codec;
import garage.model.acl.Acl;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is said of an object beside its bytes and headers.
 *
 * @param owner the access key whose object it is
 * @param tags in the order given; no two have the same key
 * @param acl null if the owner shares with nobody
 */
public record Annotations(String owner, List<Tag> tags, @Nullable Acl acl) {
  static final Codec<Annotations> CODEC =
      Codec.of(
          (out, a) -> out.string(a.owner).list(a.tags, Tag.CODEC).optional(a.acl, Acl.CODEC),
          in -> new Annotations(in.string(), in.list(Tag.CODEC), in.optional(Acl.CODEC)));

  public Annotations {
    tags = List.copyOf(tags);
  }

  /** Of an object its owner shares with nobody. */
  public Annotations(String owner, List<Tag> tags) {
    this(owner, tags, null);
  }

  /** Of an object without tags. */
  public static Annotations of(String owner) {
    return new Annotations(owner, List.of());
  }

  /** With these tags instead. */
  public Annotations withTags(List<Tag> newTags) {
    return new Annotations(owner, newTags, acl);
  }

  /** With another access control list; null to share with nobody. */
  public Annotations withAcl(@Nullable Acl newAcl) {
    return new Annotations(owner, tags, newAcl);
  }
}
