package garage.admin.api;

import org.jspecify.annotations.Nullable;

/** What a key may do with a bucket; in a request only true has an effect. */
public record Permissions(
    @Nullable Boolean read, @Nullable Boolean write, @Nullable Boolean owner) {
  /** Three yes or no. */
  public static Permissions of(boolean read, boolean write, boolean owner) {
    return new Permissions(read, write, owner);
  }

  /** Whether the key may read. */
  public boolean mayRead() {
    return Boolean.TRUE.equals(read);
  }

  /** Whether the key may write. */
  public boolean mayWrite() {
    return Boolean.TRUE.equals(write);
  }

  /** Whether the key may administer. */
  public boolean isOwner() {
    return Boolean.TRUE.equals(owner);
  }
}
