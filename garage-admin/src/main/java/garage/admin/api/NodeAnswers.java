package garage.admin.api;

import java.util.Map;
import java.util.TreeMap;

/**
 * What each node answered, or why it did not; both by node id.
 *
 * @param <T> the answer of one node
 */
public record NodeAnswers<T extends Record>(Map<String, T> success, Map<String, String> error)
    implements AdminResponse {
  public NodeAnswers {
    success = new TreeMap<>(success); // shown in the order of the ids
    error = new TreeMap<>(error);
  }
}
