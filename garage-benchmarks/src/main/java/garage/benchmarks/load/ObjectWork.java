package garage.benchmarks.load;

import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;

/** The operations on single objects. */
final class ObjectWork {
  /** What a reader of columnar files asks for. */
  static final int RANGE_BYTES = 64 * 1024;

  private final Objects objects;

  ObjectWork(Objects objects) {
    this.objects = objects;
  }

  /** One request, after which the bytes of object it moved are answered; -1 if there was none. */
  @FunctionalInterface
  private interface Single {
    long run(Connection connection) throws IOException;
  }

  private static Work each(Single single) {
    return (connection, recorder, mayBegin) -> {
      if (!mayBegin) {
        return false;
      }
      long start = System.nanoTime();
      long bytes = single.run(connection);
      if (bytes < 0) {
        return false;
      }
      recorder.done(start, bytes);
      return true;
    };
  }

  /** New objects, up to {@code count} in all. */
  Work put(long count) {
    return each(connection -> {
      if (objects.count() >= count) {
        return -1;
      }
      long number = objects.takeNew();
      Body body = objects.part(number, 0);
      Request request = Request.of("PUT", objects.path(number));
      Response response = connection.upload(request, body, objects.content().sums(body));
      requireEtag(request, response);
      return body.length();
    });
  }

  /** Whole objects. */
  Work get() {
    return each(connection -> read(connection, objects.random(), 0, objects.size().bytes(), false));
  }

  /** A piece of an object at a random place. */
  Work range() {
    return each(connection -> {
      int last = objects.size().bytes() - RANGE_BYTES;
      int from = ThreadLocalRandom.current().nextInt(last + 1);
      return read(connection, objects.random(), from, RANGE_BYTES, true);
    });
  }

  private long read(Connection connection, long number, int from, int count, boolean range)
      throws IOException {
    Request request = Request.of("GET", objects.path(number));
    if (range) {
      request = request.with("range", "bytes=" + from + "-" + (from + count - 1));
    }
    Comparison comparison = new Comparison(number, from);
    Response response = connection.exchange(request, comparison);
    if (response.contentLength() != count || response.status() != (range ? 206 : 200)) {
      throw new RequestFailed(request + ": " + response + " where " + count + " bytes are due");
    }
    if (comparison.wrongAt >= 0) {
      throw new RequestFailed(request + ": wrong bytes at " + comparison.wrongAt);
    }
    return count;
  }

  Work head() {
    return each(connection -> {
      Request request = Request.of("HEAD", objects.path(objects.random()));
      Response response = connection.exchange(request, (position, bytes, at, count) -> {});
      requireEtag(request, response);
      if (response.contentLength() != objects.size().bytes()) {
        throw new RequestFailed(request + ": " + response);
      }
      return 0;
    });
  }

  /** Deletes objects until {@code leaving} are left. */
  Work delete(long leaving) {
    return each(connection -> {
      long number = objects.takeOld(leaving);
      if (number < 0) {
        return -1;
      }
      Request request = Request.of("DELETE", objects.path(number));
      Response response = connection.exchange(request, (position, bytes, at, count) -> {});
      if (response.status() != 204) {
        throw new RequestFailed(request + ": " + response);
      }
      return 0;
    });
  }

  private static void requireEtag(Request request, Response response) {
    if (response.etag().length() < 2 + 2 * 16) {
      throw new RequestFailed(request + ": no ETag: " + response);
    }
  }

  /** Compares what is received with what was sent. */
  private final class Comparison implements ResponseReader.Sink {
    private final long number;
    private final int from;
    private long wrongAt = -1;

    Comparison(long number, int from) {
      this.number = number;
      this.from = from;
    }

    @Override
    public void accept(long position, byte[] bytes, int at, int count) {
      int partBytes = objects.size().partBytes();
      int done = 0;
      while (done < count && wrongAt < 0) {
        long offset = from + position + done;
        if (offset >= objects.size().bytes()) {
          wrongAt = offset;
          return;
        }
        int inPart = (int) (offset % partBytes);
        int n = Math.min(count - done, partBytes - inPart);
        Body part = objects.part(number, (int) (offset / partBytes));
        if (!part.matches(inPart, bytes, at + done, n)) {
          wrongAt = offset;
        }
        done += n;
      }
    }
  }
}
