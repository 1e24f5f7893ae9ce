package garage.s3api.body;

import garage.common.env.Deadline;
import garage.common.env.Gate;
import garage.common.error.GarageException;
import garage.http.sigv4.Payload;
import java.util.function.Supplier;

/**
 * The budget of memory for documents that clients send. A list of ten thousand parts takes some
 * megabytes, several times over: as bytes, as text, and as what is read from it; a few at once
 * would be all the memory there is. Small documents, nearly all, need no leave.
 */
public final class DocumentRoom {
  /** Up to here a request costs no more than any other. */
  private static final long FREE_BYTES = 64 << 10;

  /** The largest document that is read; one whose length is not announced may be as large. */
  private static final long DOCUMENT_BYTES_MAX = 8L << 20;

  /** Of the largest documents one at a time, of lists of ten thousand parts a few. */
  private static final long BYTES_MAX = DOCUMENT_BYTES_MAX;

  private final Gate gate;
  private long lent;

  public DocumentRoom(Gate gate) {
    this.gate = gate;
  }

  /**
   * Does the work on a document, waiting until there is room for it.
   *
   * @throws GarageException.Overloaded at {@code deadline}
   */
  public <T> T around(Payload body, Deadline deadline, Supplier<T> work) {
    long length = body.length();
    if (length >= 0 && length <= FREE_BYTES) {
      return work.get();
    }
    long bytes = length < 0 ? DOCUMENT_BYTES_MAX : Math.min(length, DOCUMENT_BYTES_MAX);
    take(bytes, deadline);
    try {
      return work.get();
    } finally {
      gate.update(() -> lent -= bytes);
    }
  }

  private void take(long bytes, Deadline deadline) {
    gate.lock();
    try {
      if (!gate.await(() -> lent + bytes <= BYTES_MAX, deadline)) {
        throw new GarageException.Overloaded("all memory for documents is in use");
      }
      lent += bytes;
    } finally {
      gate.unlock();
    }
  }
}
