package garage.rpc.wire;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.ErrorCode;
import garage.common.error.GarageException;
import garage.rpc.Priority;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One frame on a connection. The dialling end sends {@link Call}, {@link Data}, {@link Cancel} and
 * {@link Credit}; the other end {@link Answer}, {@link Data}, {@link Failed}, {@link Credit} and
 * {@link Lent}. Every chunk but a message's last is exactly {@link WireLimits#CHUNK_BYTES} long.
 */
sealed interface Frame {
  /** Begins a request; ids count up from 1 and are not reused. */
  record Call(
      long id,
      Priority priority,
      String endpoint,
      long remainingMillis,
      int valueBytes,
      int attachmentBytes,
      ByteBuffer chunk)
      implements Frame {}

  /** Begins the answer of call {@code id}. */
  record Answer(long id, int valueBytes, int attachmentBytes, ByteBuffer chunk) implements Frame {}

  /** The next bytes of the request or the answer {@code id}. */
  record Data(long id, ByteBuffer chunk) implements Frame {}

  /** Ends call {@code id} without an answer, or in the middle of one. */
  record Failed(long id, ErrorCode code, String message) implements Frame {}

  /** The caller sends no more of request {@code id} and wants no answer. */
  record Cancel(long id) implements Frame {}

  /** The sender has let go of {@code bytes} of the messages of {@code priority} it received. */
  record Credit(Priority priority, int bytes) implements Frame {}

  /** The sender allows {@code bytes} more of requests while the connection lasts. */
  record Lent(Priority priority, int bytes) implements Frame {}

  /** The priorities by their number on the wire. */
  List<Priority> PRIORITIES = List.of(Priority.URGENT, Priority.CLIENT, Priority.BACKGROUND);

  /** The number of {@code priority} on the wire, its place in {@link #PRIORITIES}. */
  static int number(Priority priority) {
    return switch (priority) {
      case URGENT -> 0;
      case CLIENT -> 1;
      case BACKGROUND -> 2;
    };
  }

  /** In place of the chunk while only the header is wanted. */
  ByteBuffer NO_CHUNK = ByteBuffer.allocate(0).asReadOnlyBuffer();

  int CALL = 1;
  int ANSWER = 2;
  int DATA = 3;
  int FAILED = 4;
  int CANCEL = 5;
  int CREDIT = 6;
  int LENT = 7;

  /** The frame without its chunk, which is sent as further parts. */
  default ByteBuffer header() {
    Writer out = new Writer();
    switch (this) {
      case Call call ->
          out.u8(CALL)
              .varint(call.id)
              .u8(number(call.priority))
              .string(call.endpoint)
              .varint(call.remainingMillis)
              .varint(call.valueBytes)
              .varint(call.attachmentBytes);
      case Answer answer ->
          out.u8(ANSWER).varint(answer.id).varint(answer.valueBytes).varint(answer.attachmentBytes);
      case Data data -> out.u8(DATA).varint(data.id);
      case Failed failed ->
          out.u8(FAILED).varint(failed.id).u8(failed.code.number()).string(failed.message);
      case Cancel cancel -> out.u8(CANCEL).varint(cancel.id);
      case Credit credit -> out.u8(CREDIT).u8(number(credit.priority)).varint(credit.bytes);
      case Lent lent -> out.u8(LENT).u8(number(lent.priority)).varint(lent.bytes);
    }
    return ByteBuffer.wrap(out.toBytes());
  }

  /**
   * Reads a frame; its chunk shares the memory of {@code bytes}.
   *
   * @throws GarageException.Corrupt if it is none
   */
  static Frame parse(ByteBuffer bytes) {
    Reader in = new Reader(bytes);
    int type = in.u8();
    return switch (type) {
      case CALL -> parseCall(in, bytes);
      case ANSWER -> new Answer(in.varint(), in.varint32(), in.varint32(), chunk(in, bytes));
      case DATA -> new Data(in.varint(), chunk(in, bytes));
      case FAILED -> parseFailed(in);
      case CANCEL -> {
        Cancel cancel = new Cancel(in.varint());
        in.end();
        yield cancel;
      }
      case CREDIT -> {
        Credit credit = new Credit(priority(in), in.varint32());
        in.end();
        yield credit;
      }
      case LENT -> {
        Lent lent = new Lent(priority(in), in.varint32());
        in.end();
        yield lent;
      }
      default -> throw new GarageException.Corrupt("not a type of frame: " + type);
    };
  }

  private static Call parseCall(Reader in, ByteBuffer bytes) {
    long id = in.varint();
    Priority priority = priority(in);
    String endpoint = text(in, WireLimits.ENDPOINT_BYTES_MAX);
    long millis = in.varint();
    if (millis > WireLimits.REMAINING_MILLIS_MAX) {
      throw new GarageException.Corrupt("a call of more than a day");
    }
    return new Call(id, priority, endpoint, millis, in.varint32(), in.varint32(), chunk(in, bytes));
  }

  private static Failed parseFailed(Reader in) {
    long id = in.varint();
    ErrorCode code = ErrorCode.ofNumber(in.u8());
    Failed failed = new Failed(id, code, text(in, 4 * WireLimits.FAILURE_CHARS_MAX));
    in.end();
    return failed;
  }

  private static String text(Reader in, int bytesMax) {
    String text = in.string();
    if (text.length() > bytesMax) {
      throw new GarageException.Corrupt("a text of " + text.length() + " characters");
    }
    return text;
  }

  private static Priority priority(Reader in) {
    int number = in.u8();
    if (number >= PRIORITIES.size()) {
      throw new GarageException.Corrupt("not a priority: " + number);
    }
    return PRIORITIES.get(number);
  }

  private static ByteBuffer chunk(Reader in, ByteBuffer bytes) {
    int length = in.remaining();
    if (length > WireLimits.CHUNK_BYTES) {
      throw new GarageException.Corrupt("a chunk of " + length + " bytes");
    }
    return bytes.slice(bytes.limit() - length, length);
  }
}
