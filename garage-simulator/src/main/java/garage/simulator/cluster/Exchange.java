package garage.simulator.cluster;

import garage.common.env.Clock;
import garage.common.env.Promise;
import garage.common.error.GarageException;
import garage.http.BodySink;
import garage.http.HttpHandler;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.ResponseBody;
import garage.simulator.client.Outcome;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * One request on its way through a machine: runs on a task of the machine's process, as behind a
 * port, and delivers what the client sees.
 */
final class Exchange implements Runnable {
  private final HttpHandler handler;
  private final HttpRequest request;
  private final Promise<Outcome> outcome;

  Exchange(HttpHandler handler, HttpRequest request, Clock client) {
    this.handler = handler;
    this.request = request;
    this.outcome = new Promise<>(client);
  }

  Promise<Outcome> outcome() {
    return outcome;
  }

  void lost(String why) {
    outcome.complete(new Outcome.Lost(why));
  }

  @Override
  public void run() {
    HttpResponse response = handler.handle(request);
    Received received = new Received();
    boolean whole =
        switch (response.body()) {
          case ResponseBody.Empty() -> true;
          case ResponseBody.Bytes(byte[] bytes) -> {
            received.out.writeBytes(bytes);
            yield true;
          }
          case ResponseBody.Streamed(long announced, ResponseBody.Writer writer) ->
              stream(received, announced, writer);
        };
    outcome.complete(
        new Outcome.Reply(
            response.status(), response.headers(), received.out.toByteArray(), whole));
  }

  private static boolean stream(Received received, long announced, ResponseBody.Writer writer) {
    try {
      writer.writeTo(received);
      return announced < 0 || announced == received.out.size();
    } catch (GarageException.Cancelled e) {
      throw e;
    } catch (GarageException e) {
      return false; // the server closes the connection, which the client sees
    }
  }

  /** The client's end of the connection. */
  private static final class Received implements BodySink {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Override
    public void write(byte[] bytes, int offset, int length) {
      out.write(bytes, offset, length);
    }

    @Override
    public void write(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      out.writeBytes(copy);
    }

    @Override
    public void flush() {}
  }
}
