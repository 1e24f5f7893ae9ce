package garage.cli.format;

import garage.admin.api.KeyResponse.KeyBucket;
import garage.admin.api.KeyResponse.KeyInfo;
import garage.admin.api.KeyResponse.KeySummary;
import garage.admin.api.KeyResponse.Keys;
import garage.admin.api.Permissions;
import garage.common.text.TextTable;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Access keys. */
public final class KeyText {
  private KeyText() {}

  /** A line for each key, the oldest first. */
  public static String list(Keys keys, ZoneId zone) {
    TextTable table = new TextTable().row("ID", "Created", "Name", "Expiration");
    keys.keys().stream()
        .sorted(
            Comparator.comparing(
                    KeySummary::created, Comparator.nullsFirst(Comparator.<Instant>naturalOrder()))
                .thenComparing(KeySummary::id))
        .forEach(key ->
            table.row(
                key.id(),
                key.created() == null ? "" : Times.day(key.created(), zone),
                key.name(),
                expiration(key.expiration(), key.expired(), zone)));
    return table.toString();
  }

  /** A key and its buckets. */
  public static String info(KeyInfo key, ZoneId zone) {
    TextTable table = new TextTable().row("Key ID:", key.accessKeyId());
    details(table, key, zone).row("Canonical user ID:", key.canonicalId());
    if (key.email() != null) {
      table.row("E-mail:", key.email());
    }
    return Cells.heading("ACCESS KEY INFORMATION") + table + buckets(key);
  }

  /**
   * A new key: once in the lines that the guide prints, once in the others. The id stands there a
   * single time, since scripts take whatever looks like one.
   */
  public static String created(KeyInfo key, ZoneId zone) {
    return "Key created:\n"
        + ("Name: " + key.name() + "\n")
        + ("Access Key ID: " + key.accessKeyId() + "\n")
        + ("Secret Access Key: " + secret(key) + "\n\n")
        + Cells.heading("ACCESS KEY INFORMATION")
        + details(new TextTable(), key, zone)
        + buckets(key);
  }

  private static TextTable details(TextTable table, KeyInfo key, ZoneId zone) {
    Instant created = key.created();
    return table
        .row("Key name:", key.name())
        .row("Secret key:", secret(key))
        .row("Created:", created == null ? "?" : Times.full(created, zone))
        .row("Validity:", key.expired() ? "EXPIRED" : "valid")
        .row("Expiration:", key.expiration() == null ? "never" : Times.full(key.expiration(), zone))
        .blank()
        .row("Can create buckets:", Boolean.toString(key.permissions().createBucket()));
  }

  private static String buckets(KeyInfo key) {
    TextTable table = new TextTable().row("Permissions", "ID", "Global aliases", "Local aliases");
    for (KeyBucket bucket : key.buckets()) {
      table.row(
          permissions(bucket.permissions()),
          Cells.id(bucket.id()),
          Cells.aliases(bucket.globalAliases()),
          Cells.aliases(bucket.localAliases()));
    }
    return "\n" + Cells.heading("BUCKETS FOR THIS KEY") + table;
  }

  static String permissions(Permissions permissions) {
    return (permissions.mayRead() ? "R" : " ")
        + (permissions.mayWrite() ? "W" : " ")
        + (permissions.isOwner() ? "O" : " ");
  }

  private static String secret(KeyInfo key) {
    return key.secretAccessKey() == null ? "(redacted)" : key.secretAccessKey();
  }

  private static String expiration(@Nullable Instant at, boolean expired, ZoneId zone) {
    if (expired) {
      return "expired";
    }
    return at == null ? "never" : Times.full(at, zone);
  }
}
