package garage.model.token;

import garage.common.crdt.CrdtBool;
import garage.common.crdt.Lww;
import garage.common.env.Deadline;
import garage.common.env.RandomSource;
import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.common.time.HybridClock;
import garage.common.time.Timestamp;
import garage.table.FullCopySchema;
import garage.table.RowsById;
import garage.table.Table;
import garage.table.register.Register;
import garage.table.sync.SyncedRows;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Tokens of the admin API. Every node has a copy, so that a request is let in without a round; only
 * of one that this node does not know, or would refuse, a quorum is asked.
 *
 * <p>A token's text is its id in hex, a dot, and its secret in URL-safe base 64; only a hash of it
 * is kept.
 */
public final class AdminTokens {
  private static final String TOKENS = "admin_token";
  private static final int ID_BYTES = 12;
  private static final int SECRET_BYTES = 32;

  /** What could be the id of a token. */
  private static final Pattern ID = Pattern.compile("[0-9a-f]{24}");

  private final RowsById<AdminToken> tokens;
  private final HybridClock clock;
  private final RandomSource random;

  /** {@code everywhere}: tables of which every node has a copy. */
  public AdminTokens(Register.Context everywhere) {
    var schema =
        new FullCopySchema<>(
            TOKENS, AdminToken.CODEC, token -> RowsById.key(token.id()), _ -> RowsById.NO_SORT_KEY);
    Table<AdminToken> table =
        new Table<>(
            schema,
            everywhere.rpc(),
            everywhere.placement(),
            everywhere.store(),
            everywhere.hybrid());
    this.tokens = new RowsById<>(table, everywhere.clock(), ID, token -> token.deleted().value());
    this.clock = everywhere.hybrid();
    this.random = everywhere.random();
  }

  /** The trees of the store this table lives in. */
  public static Set<String> trees() {
    return Table.trees(TOKENS);
  }

  /** The rows, to be brought together with those of other nodes. */
  public List<SyncedRows> synced() {
    return tokens.synced();
  }

  /** A new token, and its text, which nobody can ask for again. */
  public record Created(AdminToken token, String text) {
    @Override
    public String toString() {
      return "Created[" + token + "]";
    }
  }

  /** Makes a token that opens {@code scope} and never expires. */
  public Created create(String name, List<String> scope, Deadline deadline) {
    String id = HexFormat.of().formatHex(random.bytes(ID_BYTES));
    String secret =
        Base64.getUrlEncoder().withoutPadding().encodeToString(random.bytes(SECRET_BYTES));
    String text = id + "." + secret;
    Timestamp now = clock.now();
    AdminToken token =
        new AdminToken(
            id,
            hash(text),
            now,
            Lww.of(now, name),
            Lww.of(now, Optional.empty()),
            Lww.of(now, List.copyOf(scope)),
            CrdtBool.FALSE);
    return new Created(tokens.insert(token, deadline), text);
  }

  /**
   * The token of exactly this id, unless it is deleted or never was; a quorum is asked if it is
   * unknown here and could be a token's.
   */
  public Optional<AdminToken> get(String id, Deadline deadline) {
    return tokens.get(id, _ -> true, deadline);
  }

  /**
   * The token of this text, if {@code isAccepted} holds of it: as this node knows it, which may be
   * behind, or else as a quorum does.
   */
  public Optional<AdminToken> ofText(
      String text, Predicate<AdminToken> isAccepted, Deadline deadline) {
    int dot = text.indexOf('.');
    if (dot < 0) {
      return Optional.empty();
    }
    String id = text.substring(0, dot);
    byte[] given = hash(text).toBytes();
    Predicate<AdminToken> isMeant =
        token -> MessageDigest.isEqual(given, token.secretHash().toBytes());
    boolean isWrong = tokens.here(id).filter(isMeant.negate()).isPresent();
    return isWrong ? Optional.empty() : tokens.get(id, isMeant.and(isAccepted), deadline);
  }

  /** Every token, by id. */
  public List<AdminToken> list() {
    return tokens.list();
  }

  /** Gives a token another name. */
  public AdminToken rename(AdminToken token, String name, Deadline deadline) {
    return tokens.insert(newest(token, deadline).renamed(clock.now(), name), deadline);
  }

  /** Sets when a token expires, in milliseconds since the Unix epoch; empty is never. */
  public AdminToken expire(AdminToken token, Optional<Long> atMillis, Deadline deadline) {
    return tokens.insert(newest(token, deadline).expiring(clock.now(), atMillis), deadline);
  }

  /** Sets what a token opens: names of endpoints, or {@link AdminToken#ALL}. */
  public AdminToken scope(AdminToken token, List<String> endpoints, Deadline deadline) {
    return tokens.insert(newest(token, deadline).scoped(clock.now(), endpoints), deadline);
  }

  /** As a quorum knows it, so that the clock is after whatever was set before. */
  private AdminToken newest(AdminToken token, Deadline deadline) {
    return tokens.ever(token.id(), deadline).orElse(token);
  }

  /** Deletes a token for ever. */
  public void delete(AdminToken token, Deadline deadline) {
    tokens.insert(token.asDeleted(), deadline);
  }

  private static Hash hash(String text) {
    return Digests.sha256(text.getBytes(StandardCharsets.UTF_8));
  }
}
