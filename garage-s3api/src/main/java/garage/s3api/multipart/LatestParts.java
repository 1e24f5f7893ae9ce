package garage.s3api.multipart;

import garage.common.id.Uuid;
import garage.model.object.Part;
import garage.model.object.Uploads;
import garage.s3api.call.Runner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The parts of an upload as clients see it: of each number the latest attempt. */
final class LatestParts {
  /** Attempts read at once: more than there are numbers, and some megabytes at most. */
  private static final int ATTEMPTS = 16_384;

  private final Uploads uploads;
  private final Runner runner;

  LatestParts(Uploads uploads, Runner runner) {
    this.uploads = uploads;
    this.runner = runner;
  }

  /** Up to {@code limit} parts with numbers above {@code after}, in order. */
  List<Part> list(Uuid uploadId, int after, int limit) {
    List<Part> found = new ArrayList<>();
    int from = after + 1;
    while (found.size() < limit && from <= Part.NUMBER_MAX) {
      int asked = Math.max(2 * limit, ATTEMPTS / 8);
      List<Part> attempts =
          uploads.parts(uploadId, from, Math.min(asked, ATTEMPTS), runner.metadata());
      Map<Integer, Part> latest = new TreeMap<>();
      attempts.forEach(part -> latest.put(part.number(), part));
      boolean last = attempts.size() < Math.min(asked, ATTEMPTS);
      int cut = attempts.isEmpty() ? from : attempts.getLast().number();
      if (!last && latest.size() > 1) {
        latest.remove(cut); // there may be later attempts
        from = cut;
      } else {
        from = cut + 1;
      }
      latest.values().stream().limit(limit - found.size()).forEach(found::add);
      if (last) {
        break;
      }
    }
    return found;
  }
}
