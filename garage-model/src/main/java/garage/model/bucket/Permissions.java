package garage.model.bucket;

import garage.common.codec.Codec;

/** What an access key may do with a bucket: the first layer of authorization. */
public record Permissions(boolean read, boolean write, boolean owner) {
  /** Nothing. */
  public static final Permissions NONE = new Permissions(false, false, false);

  /** Everything. */
  public static final Permissions ALL = new Permissions(true, true, true);

  static final Codec<Permissions> CODEC =
      Codec.of(
          (out, p) -> out.bool(p.read).bool(p.write).bool(p.owner),
          in -> new Permissions(in.bool(), in.bool(), in.bool()));

  /** These and {@code more}. */
  public Permissions with(Permissions more) {
    return new Permissions(read || more.read, write || more.write, owner || more.owner);
  }

  /** These without {@code fewer}. */
  public Permissions without(Permissions fewer) {
    return new Permissions(read && !fewer.read, write && !fewer.write, owner && !fewer.owner);
  }

  /** Whether any is granted. */
  public boolean any() {
    return read || write || owner;
  }
}
