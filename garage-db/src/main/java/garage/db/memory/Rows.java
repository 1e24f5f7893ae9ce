package garage.db.memory;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sorted map of byte arrays as an AVL tree: a change copies the path to its row and
 * shares the rest, so that a snapshot is a reference and costs nothing. The arrays are never
 * changed and never handed out.
 */
final class Rows {
  static final Rows EMPTY = new Rows(null);

  private final @Nullable Node root;

  private Rows(@Nullable Node root) {
    this.root = root;
  }

  /** One row and what is below it. */
  record Node(
      byte[] key, byte[] value, @Nullable Node left, @Nullable Node right, int height, int size) {}

  int height() {
    return height(root);
  }

  int size() {
    return size(root);
  }

  byte @Nullable [] get(byte[] key) {
    Node node = root;
    while (node != null) {
      int order = Arrays.compareUnsigned(key, node.key);
      if (order == 0) {
        return node.value;
      }
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  Rows with(byte[] key, byte[] value) {
    return new Rows(with(root, key, value));
  }

  Rows without(byte[] key) {
    return get(key) == null ? this : new Rows(without(root, key));
  }

  /** The last row before {@code key}, or at it if {@code inclusive}; null is after every key. */
  @Nullable Node before(byte @Nullable [] key, boolean inclusive) {
    Node best = null;
    Node node = root;
    while (node != null) {
      int order = key == null ? -1 : Arrays.compareUnsigned(node.key, key);
      if (order < 0 || (order == 0 && inclusive)) {
        best = node;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return best;
  }

  /** The first row after {@code key}, or at it if {@code inclusive}; null is before every key. */
  @Nullable Node after(byte @Nullable [] key, boolean inclusive) {
    Node best = null;
    Node node = root;
    while (node != null) {
      int order = key == null ? 1 : Arrays.compareUnsigned(node.key, key);
      if (order > 0 || (order == 0 && inclusive)) {
        best = node;
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return best;
  }

  private static Node with(@Nullable Node node, byte[] key, byte[] value) {
    if (node == null) {
      return new Node(key, value, null, null, 1, 1);
    }
    int order = Arrays.compareUnsigned(key, node.key);
    if (order == 0) {
      return node(key, value, node.left, node.right);
    }
    return order < 0
        ? balanced(node, with(node.left, key, value), node.right)
        : balanced(node, node.left, with(node.right, key, value));
  }

  private static @Nullable Node without(@Nullable Node node, byte[] key) {
    if (node == null) {
      return null;
    }
    int order = Arrays.compareUnsigned(key, node.key);
    if (order < 0) {
      return balanced(node, without(node.left, key), node.right);
    }
    if (order > 0) {
      return balanced(node, node.left, without(node.right, key));
    }
    if (node.left == null || node.right == null) {
      return node.left == null ? node.right : node.left;
    }
    Node next = first(node.right);
    return balanced(next, node.left, without(node.right, next.key));
  }

  private static Node first(Node node) {
    Node first = node;
    for (Node left = first.left; left != null; left = first.left) {
      first = left;
    }
    return first;
  }

  /** The row of {@code node} above two trees whose heights differ by at most two. */
  private static Node balanced(Node node, @Nullable Node left, @Nullable Node right) {
    if (left != null && height(left) > height(right) + 1) {
      Node inner = left.right;
      if (inner == null || height(left.left) >= height(inner)) {
        return node(left.key, left.value, left.left, node(node.key, node.value, inner, right));
      }
      return node(
          inner.key,
          inner.value,
          node(left.key, left.value, left.left, inner.left),
          node(node.key, node.value, inner.right, right));
    }
    if (right != null && height(right) > height(left) + 1) {
      Node inner = right.left;
      if (inner == null || height(right.right) >= height(inner)) {
        return node(right.key, right.value, node(node.key, node.value, left, inner), right.right);
      }
      return node(
          inner.key,
          inner.value,
          node(node.key, node.value, left, inner.left),
          node(right.key, right.value, inner.right, right.right));
    }
    return node(node.key, node.value, left, right);
  }

  private static Node node(byte[] key, byte[] value, @Nullable Node left, @Nullable Node right) {
    int height = 1 + Math.max(height(left), height(right));
    return new Node(key, value, left, right, height, 1 + size(left) + size(right));
  }

  private static int height(@Nullable Node node) {
    return node == null ? 0 : node.height;
  }

  private static int size(@Nullable Node node) {
    return node == null ? 0 : node.size;
  }
}
