package garage.model.bucket;

import garage.common.codec.Writer;
import garage.common.id.Uuid;

/**
 * A name of a bucket.
 *
 * @param scope the id of the access key whose name it is, empty for a global one
 * @param bucket what it stands for
 */
public record Alias(String scope, String name, Uuid bucket) {
  /** The scope of names everyone sees. */
  public static final String GLOBAL = "";

  /** Whether it is a global name. */
  public boolean isGlobal() {
    return scope.equals(GLOBAL);
  }

  /** Where its register is; all names of a scope live together, in order. */
  static byte[] key(String scope, String name) {
    return new Writer().string(scope).string(name).toBytes();
  }

  /** Scope and name as one text, which no others share. */
  static String label(String scope, String name) {
    return scope + "/" + name; // neither has a slash
  }

  /** The name of a bucket that has this label. */
  static Alias ofLabel(String label, Uuid bucket) {
    int slash = label.indexOf('/');
    return new Alias(label.substring(0, slash), label.substring(slash + 1), bucket);
  }
}
