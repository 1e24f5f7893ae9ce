package garage.simulator.workload;

import garage.simulator.check.Violation.Rule;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lists keys page after page, and checks that pages are in order and go on where they ended. */
final class Lister {
  private static final Pattern ENTRY =
      Pattern.compile("<Contents>.*?<Key>([^<]*)</Key>.*?<ETag>([^<]*)</ETag>.*?</Contents>");

  private final Client client;
  private final Step step;
  private final TreeMap<String, String> tags = new TreeMap<>();
  private @Nullable String token;
  private boolean more = true;

  Lister(Client client, Step step) {
    this.client = client;
    this.step = step;
  }

  /** Lists; answers whether it got to the end. */
  boolean list(String prefix, int pageKeys) {
    long began = client.ledger().now();
    while (more) {
      if (!client.attempt(step, machine -> page(client.send(machine, request(prefix, pageKeys))))) {
        return false;
      }
    }
    client
        .ledger()
        .add(
            new Ledger.Listing(
                client.name() + " LIST " + prefix + "*",
                new Ledger.Range(prefix, null),
                began,
                client.ledger().now(),
                tags));
    return true;
  }

  private Request request(String prefix, int pageKeys) {
    String query =
        "/%s?list-type=2&max-keys=%d&prefix=%s".formatted(Client.BUCKET, pageKeys, prefix);
    return Request.of(
        "GET",
        token == null
            ? query
            : query + "&continuation-token=" + URLEncoder.encode(token, StandardCharsets.UTF_8));
  }

  private boolean page(Outcome outcome) {
    switch (Answer.of(outcome)) {
      case DONE -> take((Outcome.Reply) outcome);
      case UNKNOWN, NOTHING -> {
        return false;
      }
      case NOT_FOUND, NOT_HELD, WRONG -> {
        client.unexpected("LIST -> " + outcome);
        more = false;
      }
    }
    return true;
  }

  private void take(Outcome.Reply reply) {
    Matcher entry = ENTRY.matcher(reply.text());
    while (entry.find()) {
      String key = entry.group(1);
      if (!tags.isEmpty() && tags.lastKey().compareTo(key) >= 0) {
        client
            .ledger()
            .violation(
                Rule.LIST_AFTER_WRITE,
                client.name() + " LIST shows " + key + " after " + tags.lastKey());
      }
      tags.put(key, Client.bareTag(entry.group(2)));
    }
    token = reply.element("NextContinuationToken");
    more = token != null;
  }
}
