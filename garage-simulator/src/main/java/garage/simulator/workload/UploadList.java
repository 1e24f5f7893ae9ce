package garage.simulator.workload;

import garage.simulator.check.Violation.Rule;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Machine;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists the uploads of the bucket, page after page: each that must be there is, once. */
final class UploadList {
  private static final Pattern ENTRY =
      Pattern.compile("<Upload>.*?<Key>([^<]*)</Key>.*?<UploadId>([^<]*)</UploadId>.*?</Upload>");

  private final Client client;
  private final Machine machine;
  private final TreeSet<String> shown = new TreeSet<>();

  UploadList(Client client, Machine machine) {
    this.client = client;
    this.machine = machine;
  }

  /** The ids of what was listed. */
  SortedSet<String> shown() {
    return shown;
  }

  /** Lists them and compares; answers whether it got to the end. */
  boolean list(Action.ListUploads list) {
    long began = client.ledger().now();
    if (!listAll(list.pageUploads())) {
      return false;
    }
    for (Ledger.OpenUpload upload : client.ledger().uploads()) {
      if (client.ledger().mustShow(upload, began) && !shown.contains(upload.id())) {
        wrong("%s of %s is missing".formatted(upload.id(), upload.key()));
      }
    }
    return true;
  }

  /** Lists them; answers whether it got to the end. */
  boolean listAll(int pageUploads) {
    shown.clear();
    String next = "";
    do {
      String target = "/" + Client.BUCKET + "?uploads&max-uploads=" + pageUploads + next;
      Outcome outcome = client.send(machine, Request.of("GET", target));
      if (Answer.of(outcome) != Answer.DONE || !(outcome instanceof Outcome.Reply reply)) {
        if (Answer.of(outcome) == Answer.WRONG) {
          wrong(outcome.toString());
        }
        return false;
      }
      take(reply.text());
      next = next(reply);
    } while (!next.isEmpty());
    return true;
  }

  private static String next(Outcome.Reply reply) {
    String key = reply.element("NextKeyMarker");
    String id = reply.element("NextUploadIdMarker");
    return !"true".equals(reply.element("IsTruncated")) || key == null || id == null
        ? ""
        : "&key-marker="
            + URLEncoder.encode(key, StandardCharsets.UTF_8)
            + "&upload-id-marker="
            + URLEncoder.encode(id, StandardCharsets.UTF_8);
  }

  private void take(String xml) {
    Matcher entry = ENTRY.matcher(xml);
    while (entry.find()) {
      if (!shown.add(entry.group(2))) {
        wrong(entry.group(2) + " is there twice");
      }
    }
  }

  private void wrong(String what) {
    client
        .ledger()
        .violation(Rule.LIST_AFTER_WRITE, "LIST of uploads at " + machine.name() + ": " + what);
  }
}
