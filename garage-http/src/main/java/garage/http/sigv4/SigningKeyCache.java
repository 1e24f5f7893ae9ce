package garage.http.sigv4;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Signing keys in use: one holds for a day, and deriving it takes four times the work of checking a
 * request. Looked up by the secret itself, so a changed secret never meets an old key.
 */
final class SigningKeyCache {
  /** Keys held, the least recently used leaving first: access keys times regions in use. */
  static final int KEYS_MAX = 1024;

  private record Id(String secretKey, CredentialScope scope) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Id, SigningKey> keys =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Id, SigningKey> eldest) {
          return size() > KEYS_MAX;
        }
      };

  SigningKey get(String secretKey, CredentialScope scope) {
    Id id = new Id(secretKey, scope);
    SigningKey known = find(id);
    if (known != null) {
      return known;
    }
    SigningKey derived = SigningKey.derive(secretKey, scope);
    lock.lock();
    try {
      keys.put(id, derived);
      return derived;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable SigningKey find(Id id) {
    lock.lock();
    try {
      return keys.get(id);
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return keys.size();
    } finally {
      lock.unlock();
    }
  }
}
