package garage.benchmarks.load;

import garage.http.UriEncoding;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Uploads of objects in parts, as the aws command makes them: the connections take the next part of
 * whichever object is under way, so several work on one object. Who takes the first part begins the
 * upload, who ends the last completes it. An operation is a whole object.
 */
final class MultipartWork implements Work {
  private final Objects objects;
  private final long count;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Upload current;
  private int nextPart;

  /** Makes objects until there are {@code count}. */
  MultipartWork(Objects objects, long count) {
    this.objects = objects;
    this.count = count;
  }

  /** An object of which parts are under way. */
  private static final class Upload {
    final long number;
    final long startNanos = System.nanoTime();
    final CompletableFuture<String> id = new CompletableFuture<>();
    final AtomicReferenceArray<@Nullable String> etags;
    final AtomicInteger remaining;

    Upload(long number, int parts) {
      this.number = number;
      this.etags = new AtomicReferenceArray<>(parts);
      this.remaining = new AtomicInteger(parts);
    }
  }

  private record Ticket(Upload upload, int part) {}

  @Override
  public boolean step(Connection connection, Recorder recorder, boolean mayBegin)
      throws IOException {
    Ticket ticket = take(mayBegin);
    if (ticket == null) {
      return false;
    }
    Upload upload = ticket.upload();
    try {
      if (ticket.part() == 0) {
        begin(connection, upload);
      }
      send(connection, upload, ticket.part());
    } finally {
      // A failed upload has no last part: it is not completed.
      if (upload.remaining.decrementAndGet() == 0 && hasEveryPart(upload)) {
        complete(connection, upload);
        recorder.done(upload.startNanos, objects.size().bytes());
      }
    }
    return true;
  }

  private @Nullable Ticket take(boolean mayBegin) {
    lock.lock();
    try {
      Upload upload = current;
      if (upload == null || nextPart == objects.size().parts()) {
        if (!mayBegin || objects.count() >= count) {
          return null;
        }
        upload = new Upload(objects.takeNew(), objects.size().parts());
        current = upload;
        nextPart = 0;
      }
      return new Ticket(upload, nextPart++);
    } finally {
      lock.unlock();
    }
  }

  private void begin(Connection connection, Upload upload) throws IOException {
    try {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      Request request = Request.of("POST", objects.path(upload.number)).withQuery("uploads=");
      connection.exchange(request, (position, bytes, at, n) -> text.write(bytes, at, n));
      upload.id.complete(element(text.toString(StandardCharsets.UTF_8), "UploadId"));
    } finally {
      upload.id.completeExceptionally(new RequestFailed("the upload did not begin"));
    }
  }

  private void send(Connection connection, Upload upload, int part) throws IOException {
    String query = "partNumber=" + (part + 1) + "&uploadId=" + UriEncoding.encode(id(upload));
    Body body = objects.part(upload.number, part);
    Request request = Request.of("PUT", objects.path(upload.number)).withQuery(query);
    Response response = connection.upload(request, body, objects.content().sums(body));
    upload.etags.set(part, response.etag());
  }

  private static String id(Upload upload) {
    try {
      return upload.id.join();
    } catch (CompletionException e) {
      throw new RequestFailed("the upload did not begin");
    }
  }

  private static boolean hasEveryPart(Upload upload) {
    for (int i = 0; i < upload.etags.length(); i++) {
      if (upload.etags.get(i) == null) {
        return false;
      }
    }
    return true;
  }

  private void complete(Connection connection, Upload upload) throws IOException {
    StringBuilder xml = new StringBuilder("<CompleteMultipartUpload>");
    for (int i = 0; i < upload.etags.length(); i++) {
      xml.append("<Part><PartNumber>").append(i + 1).append("</PartNumber><ETag>");
      xml.append(upload.etags.get(i)).append("</ETag></Part>");
    }
    byte[] body =
        xml.append("</CompleteMultipartUpload>").toString().getBytes(StandardCharsets.UTF_8);
    Request request =
        Request.of("POST", objects.path(upload.number))
            .withQuery("uploadId=" + UriEncoding.encode(id(upload)));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    connection.exchange(request, body, (position, bytes, at, n) -> text.write(bytes, at, n));
    // A completion may fail after its head was sent as a success.
    element(text.toString(StandardCharsets.UTF_8), "ETag");
  }

  private static String element(String xml, String name) {
    int from = xml.indexOf("<" + name + ">");
    int to = xml.indexOf("</" + name + ">");
    if (from < 0 || to < from) {
      throw new RequestFailed("no " + name + " in " + xml);
    }
    return xml.substring(from + name.length() + 2, to);
  }
}
