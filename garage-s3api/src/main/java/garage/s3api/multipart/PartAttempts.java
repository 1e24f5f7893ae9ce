package garage.s3api.multipart;

import garage.common.id.Uuid;
import garage.model.object.Part;
import garage.model.object.Uploads;
import garage.s3api.call.Runner;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The attempts at the parts of an upload. To a client a part is its latest attempt; but an attempt
 * that began before another and ended after it counts as well, if the client names it by its tag.
 */
final class PartAttempts {
  /** Attempts read at once: more than there are numbers, and some megabytes at most. */
  private static final int PAGE_MAX = 16_384;

  private final Uploads uploads;
  private final Runner runner;

  PartAttempts(Uploads uploads, Runner runner) {
    this.uploads = uploads;
    this.runner = runner;
  }

  /** Up to {@code limit} parts with numbers above {@code after}, in order. */
  List<Part> list(Uuid uploadId, int after, int limit) {
    Map<Integer, Part> latest = new TreeMap<>();
    int page = Math.min(PAGE_MAX, 2 * limit + 16);
    int from = after + 1;
    // One number more than asked for: the last one read may have attempts not read yet.
    while (from <= Part.NUMBER_MAX && latest.size() <= limit) {
      List<Part> attempts = uploads.parts(uploadId, from, page, runner.metadata());
      attempts.forEach(part -> latest.put(part.number(), part));
      from = next(attempts, page);
    }
    return latest.values().stream().limit(limit).toList();
  }

  /** Of each number the latest attempt with the tag named for it. */
  Map<Integer, Part> matching(Uuid uploadId, Map<Integer, String> tags) {
    Map<Integer, Part> found = new TreeMap<>();
    int from = 1;
    while (from <= Part.NUMBER_MAX) {
      List<Part> attempts = uploads.parts(uploadId, from, PAGE_MAX, runner.metadata());
      for (Part part : attempts) {
        if (part.etag().equals(tags.get(part.number()))) {
          found.put(part.number(), part);
        }
      }
      from = next(attempts, PAGE_MAX);
    }
    return found;
  }

  /** Where the next page begins: at the last number again, unless the page held nothing else. */
  private static int next(List<Part> attempts, int page) {
    if (attempts.size() < page) {
      return Part.NUMBER_MAX + 1;
    }
    int last = attempts.getLast().number();
    return attempts.getFirst().number() == last ? last + 1 : last;
  }
}
