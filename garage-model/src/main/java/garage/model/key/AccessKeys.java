package garage.model.key;

import garage.common.crdt.CrdtBool;
import garage.common.crdt.Lww;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.error.GarageException;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.table.FullCopySchema;
import garage.table.RowsById;
import garage.table.Table;
import garage.table.register.Register;
import garage.table.sync.SyncedRows;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Access keys. Every node has a copy, so that a request is authenticated without a round. */
public final class AccessKeys {
  private static final String KEYS = "access_key";

  /** Twelve random bytes: as many as upstream's, so that its keys can be imported. */
  private static final int ID_BYTES = 12;

  private static final int SECRET_BYTES = 32;
  private static final int EMAIL_CHARS_MAX = 254; // RFC 5321's limit on a path
  private static final Pattern EMAIL = Pattern.compile("[^@\\s<>\",]+@[^@\\s<>\",]+");
  private static final Pattern ID = Pattern.compile("GK[0-9a-fA-F]{1,126}");

  private final RowsById<AccessKey> keys;
  private final HybridClock clock;
  private final RandomSource random;

  /** {@code everywhere}: tables of which every node has a copy. */
  public AccessKeys(Register.Context everywhere) {
    var schema =
        new FullCopySchema<>(
            KEYS, AccessKey.CODEC, key -> RowsById.key(key.id()), _ -> RowsById.NO_SORT_KEY);
    Table<AccessKey> table =
        new Table<>(
            schema,
            everywhere.rpc(),
            everywhere.placement(),
            everywhere.store(),
            everywhere.hybrid());
    this.keys = new RowsById<>(table, everywhere.clock(), ID, key -> key.deleted().value());
    this.clock = everywhere.hybrid();
    this.random = everywhere.random();
  }

  /** The trees of the store this table lives in. */
  public static Set<String> trees() {
    return Table.trees(KEYS);
  }

  /** The rows, to be brought together with those of other nodes. */
  public List<SyncedRows> synced() {
    return keys.synced();
  }

  /** The key of exactly this id as this node knows it, unless it is deleted or unknown here. */
  public Optional<AccessKey> get(String id) {
    return keys.here(id);
  }

  /**
   * The key of exactly this id, unless it is deleted or never was; a quorum is asked if it is
   * unknown here and could be a key's.
   */
  public Optional<AccessKey> get(String id, Deadline deadline) {
    return get(id, _ -> true, deadline);
  }

  /**
   * As above, if {@code isAccepted} holds of it: as this node knows it, which may be behind, or
   * else as a quorum does. Only that a key is deleted can be taken from this node alone.
   */
  public Optional<AccessKey> get(String id, Predicate<AccessKey> isAccepted, Deadline deadline) {
    return keys.get(id, isAccepted, deadline);
  }

  /** The key of a canonical user id, as this node knows it. */
  public Optional<AccessKey> ofCanonicalId(String canonicalId) {
    return list().stream().filter(k -> k.canonicalId().equals(canonicalId)).findFirst();
  }

  /** The keys of an e-mail address, in any case, as this node knows them. */
  public List<AccessKey> ofEmail(String address) {
    return list().stream()
        .filter(k -> k.email().value().filter(address::equalsIgnoreCase).isPresent())
        .toList();
  }

  /** Every key, by id. */
  public List<AccessKey> list() {
    return keys.list();
  }

  /** Makes a key with a fresh id and secret. */
  public AccessKey create(String name, Deadline deadline) {
    String id = "GK" + HexFormat.of().formatHex(random.bytes(ID_BYTES));
    String secret = HexFormat.of().formatHex(random.bytes(SECRET_BYTES));
    return keys.insert(key(id, secret, name), deadline);
  }

  /**
   * Takes over a key made elsewhere.
   *
   * @throws GarageException.InvalidInput if the id is not {@code GK} and hex digits, or the secret
   *     is empty
   * @throws GarageException.Conflict if a key of this id is or was here
   */
  public AccessKey importKey(String id, String secret, String name, Deadline deadline) {
    if (!keys.isId(id)) {
      throw new GarageException.InvalidInput(
          "'" + id + "' is not an access key id: it begins with GK, hex digits follow");
    }
    if (secret.isEmpty() || secret.length() > 1024) {
      throw new GarageException.InvalidInput("a secret key has 1 to 1024 characters");
    }
    if (keys.ever(id, deadline).isPresent()) {
      throw new GarageException.Conflict("the access key " + id + " is or was here already");
    }
    return keys.insert(key(id, secret, name), deadline);
  }

  /** Gives a key another name. */
  public AccessKey rename(AccessKey key, String name, Deadline deadline) {
    return keys.insert(newest(key, deadline).renamed(clock.now(), name), deadline);
  }

  /** Lets a key make buckets, or not. */
  public AccessKey allowCreateBucket(AccessKey key, boolean allowed, Deadline deadline) {
    return keys.insert(newest(key, deadline).allowingBuckets(clock.now(), allowed), deadline);
  }

  /** Whether a key may make buckets; a quorum is asked if it may not as this node knows it. */
  public boolean mayCreateBuckets(String id, Deadline deadline) {
    return get(id, key -> key.createBucket().value(), deadline).isPresent();
  }

  /** Sets when a key expires, in milliseconds since the Unix epoch; empty is never. */
  public AccessKey expire(AccessKey key, Optional<Long> atMillis, Deadline deadline) {
    return keys.insert(newest(key, deadline).expiring(clock.now(), atMillis), deadline);
  }

  /**
   * Sets the e-mail address of a key's holder; empty is none.
   *
   * @throws GarageException.InvalidInput if it is no address
   */
  public AccessKey setEmail(AccessKey key, Optional<String> address, Deadline deadline) {
    String text = address.orElse("a@b");
    if (text.length() > EMAIL_CHARS_MAX || !EMAIL.matcher(text).matches()) {
      throw new GarageException.InvalidInput("'" + text + "' is not an e-mail address");
    }
    return keys.insert(newest(key, deadline).reachedAt(clock.now(), address), deadline);
  }

  /** As a quorum knows it, so that the clock is after whatever was set before. */
  private AccessKey newest(AccessKey key, Deadline deadline) {
    return keys.ever(key.id(), deadline).orElse(key);
  }

  /** Deletes a key for ever. Its names and permissions are the caller's to take away. */
  public void delete(AccessKey key, Deadline deadline) {
    keys.insert(key.asDeleted(), deadline);
  }

  private AccessKey key(String id, String secret, String name) {
    Timestamp now = clock.now();
    return new AccessKey(
        id,
        secret,
        now,
        Lww.of(now, name),
        Lww.of(now, false),
        Lww.of(now, Optional.empty()),
        Lww.of(now, Optional.empty()),
        CrdtBool.FALSE);
  }
}
