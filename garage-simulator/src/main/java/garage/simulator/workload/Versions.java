package garage.simulator.workload;

import garage.simulator.check.Operation;
import garage.simulator.check.Violation.Rule;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Machine;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one node lists of the versions of a bucket that keeps them, in pages, and whether it is
 * right: every version that was acknowledged is there and can be read, none is there twice, each
 * was written, and one of each key is the latest, which is what the key holds.
 */
public final class Versions {
  private static final Pattern ENTRY =
      Pattern.compile("<(Version|DeleteMarker)>(.*?)</(?:Version|DeleteMarker)>", Pattern.DOTALL);

  private final Client client;
  private final Machine machine;
  private final int pageKeys;
  private final List<Entry> entries = new ArrayList<>();
  private long began;

  /** One line of the listing. */
  record Entry(String key, String id, boolean latest, boolean marker) {}

  /** {@code pageKeys} are asked for at once. */
  public Versions(Client client, Machine machine, int pageKeys) {
    this.client = client;
    this.machine = machine;
    this.pageKeys = pageKeys;
  }

  /** Lists them all; answers whether it got to the end. */
  public boolean list() {
    entries.clear();
    began = client.ledger().now();
    String next = "";
    do {
      Outcome outcome =
          client.send(
              machine,
              Request.of(
                  "GET", "/" + Client.BUCKET + "?versions" + next + "&max-keys=" + pageKeys));
      if (Answer.of(outcome) != Answer.DONE || !(outcome instanceof Outcome.Reply reply)) {
        return false;
      }
      take(reply.text());
      String key = reply.element("NextKeyMarker");
      String id = reply.element("NextVersionIdMarker");
      next =
          key == null
              ? ""
              : "&key-marker="
                  + encoded(key)
                  + (id == null ? "" : "&version-id-marker=" + encoded(id));
    } while (!next.isEmpty());
    return true;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private void take(String xml) {
    Matcher entry = ENTRY.matcher(xml);
    while (entry.find()) {
      String text = entry.group(2);
      entries.add(
          new Entry(
              element(text, "Key"),
              element(text, "VersionId"),
              element(text, "IsLatest").equals("true"),
              entry.group(1).equals("DeleteMarker")));
    }
  }

  private static String element(String text, String name) {
    Matcher matcher = Pattern.compile("<" + name + ">([^<]*)</" + name + ">").matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }

  /** What was listed. */
  List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** Checks what was listed, and notes what each key holds by it. */
  public void check() {
    Map<String, TreeSet<String>> listed = new TreeMap<>();
    @Nullable Entry last = null;
    for (Entry entry : entries) {
      boolean first = last == null || !last.key().equals(entry.key());
      if (last != null && last.key().compareTo(entry.key()) > 0) {
        wrong(entry.key() + " comes after " + last.key());
      }
      if (entry.latest() != first) {
        wrong(
            "of "
                + entry.key()
                + " version "
                + entry.id()
                + (first ? " is not" : " is")
                + " the latest");
      }
      if (!listed.computeIfAbsent(entry.key(), _ -> new TreeSet<>()).add(entry.id())) {
        wrong("of " + entry.key() + " version " + entry.id() + " is there twice");
      }
      if (first) {
        noteLatest(entry);
      }
      if (client.ledger().wasGone(entry.key(), entry.id(), began)) {
        wrong("of " + entry.key() + " version " + entry.id() + " was deleted before");
      }
      last = entry;
    }
    noteNulls();
    client
        .ledger()
        .versions()
        .forEach((key, ids) ->
            ids.forEach((id, value) -> {
              if (!listed.getOrDefault(key, new TreeSet<>()).contains(id)
                  && !client.ledger().mayBeGone(key, id)) {
                wrong(
                    "of "
                        + key
                        + " version "
                        + id
                        + " (v"
                        + value
                        + ") was acknowledged and is not there");
              }
            }));
  }

  private void noteNulls() {
    NullVersions nulls = client.ledger().nulls();
    if (nulls == null) {
      return;
    }
    Map<String, Integer> shown = new TreeMap<>();
    for (Entry entry : entries) {
      if (entry.id().equals(Client.NULL)) {
        shown.put(entry.key(), entry.marker() ? NullVersions.MARKER : NullVersions.OBJECT);
      }
    }
    String who = "LIST of versions at " + machine.name();
    for (String key : client.ledger().keys()) {
      int value = shown.getOrDefault(key, NullVersions.NOTHING);
      nulls.seen(new NullVersions.Seen(who, key, value, began, client.ledger().now()));
    }
  }

  private void noteLatest(Entry entry) {
    Map<String, Integer> known = client.ledger().versions().getOrDefault(entry.key(), Map.of());
    Integer value = entry.marker() ? Integer.valueOf(Operation.ABSENT) : known.get(entry.id());
    String what = "LIST shows as the latest " + entry.id() + (value == null ? "" : " v" + value);
    client.event(
        entry.key(),
        what,
        value == null ? null : new Operation.Read(value),
        began,
        client.ledger().now());
  }

  /** Reads what is there of the keys of which versions went; answers whether all was answered. */
  public boolean readPresent() {
    Map<String, Entry> present = new TreeMap<>();
    client.ledger().keys().stream()
        .filter(Ledger::isLoose)
        .forEach(key -> present.put(key, new Entry(key, "", true, true)));
    entries.stream().filter(Entry::latest).forEach(entry -> present.put(entry.key(), entry));
    boolean answered = true;
    for (Entry entry : present.values()) {
      answered &= !Ledger.isLoose(entry.key()) || readPresent(entry);
    }
    return answered;
  }

  private boolean readPresent(Entry entry) {
    Outcome outcome = client.send(machine, Request.of("GET", Client.target(entry.key())));
    Answer answer = Answer.of(outcome);
    String shown = answer == Answer.DONE ? Client.versionId(outcome) : null;
    boolean right = entry.marker() ? answer == Answer.NOT_FOUND : Objects.equals(shown, entry.id());
    if (answer == Answer.UNKNOWN || answer == Answer.NOTHING) {
      return false;
    }
    if (!right && !client.ledger().mayBeGone(entry.key(), entry.id())) {
      wrong("GET of %s shows %s, and the latest is %s".formatted(entry.key(), outcome, entry));
    }
    return true;
  }

  /** Reads every object that is listed; answers whether each was answered. */
  public boolean readAll() {
    boolean answered = true;
    for (Entry entry : entries) {
      answered &= entry.marker() || client.readVersion(machine, entry.key(), entry.id());
    }
    return answered;
  }

  private void wrong(String what) {
    client.ledger().violation(Rule.VERSIONS, "LIST of versions at " + machine.name() + ": " + what);
  }
}
