package garage.rpc.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.ErrorCode;
import garage.common.error.GarageException;
import garage.rpc.Rpc;
import garage.testkit.property.Generator;
import garage.testkit.property.Property;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The form of frames: what is written is read, and nothing else than Corrupt comes of the rest. */
final class FrameTest {
  private static Frame any(Generator g) {
    ByteBuffer chunk = ByteBuffer.wrap(g.bytes());
    long id = g.natural();
    return switch (g.between(1, 7)) {
      case 1 ->
          new Frame.Call(
              id,
              g.oneOf(Frame.PRIORITIES),
              "endpoint/" + g.between(0, 9),
              g.between(0, 1_000_000),
              g.between(0, 1 << 25),
              g.between(0, 1 << 25),
              chunk);
      case 2 -> new Frame.Answer(id, g.between(0, 1 << 25), g.between(0, 1 << 25), chunk);
      case 3 -> new Frame.Data(id, chunk);
      case 4 ->
          new Frame.Failed(id, g.oneOf(List.of(ErrorCode.values())), "why " + g.between(0, 9));
      case 5 -> new Frame.Cancel(id);
      case 6 -> new Frame.Lent(g.oneOf(Frame.PRIORITIES), g.between(0, 1 << 25));
      default -> new Frame.Credit(g.oneOf(Frame.PRIORITIES), g.between(0, 1 << 25));
    };
  }

  private static ByteBuffer chunkOf(Frame frame) {
    return switch (frame) {
      case Frame.Call call -> call.chunk();
      case Frame.Answer answer -> answer.chunk();
      case Frame.Data data -> data.chunk();
      case Frame.Failed failed -> Frame.NO_CHUNK;
      case Frame.Cancel cancel -> Frame.NO_CHUNK;
      case Frame.Credit credit -> Frame.NO_CHUNK;
      case Frame.Lent lent -> Frame.NO_CHUNK;
    };
  }

  private static byte[] bytesOf(Frame frame) {
    ByteBuffer header = frame.header();
    ByteBuffer chunk = chunkOf(frame);
    byte[] bytes = new byte[header.remaining() + chunk.remaining()];
    ByteBuffer.wrap(bytes).put(header).put(chunk.duplicate());
    return bytes;
  }

  @Test
  void everyFrameIsReadAsItWasWritten() {
    Property.check(
        "frame round trip",
        500,
        g -> {
          Frame frame = any(g);
          assertEquals(frame, Frame.parse(ByteBuffer.wrap(bytesOf(frame))));
        });
  }

  @Test
  void damagedFramesAreCorruptOrOtherFrames() {
    Property.check(
        "damaged frames",
        3000,
        g -> {
          byte[] bytes = g.mutated(bytesOf(any(g)));
          try {
            Frame.parse(ByteBuffer.wrap(bytes));
          } catch (GarageException.Corrupt e) {
            assertTrue(e.toString().length() < 300, "a peer's bytes do not fill the log");
          }
        });
  }

  @Test
  void chunkOfMoreThanTheLimitIsRefused() {
    byte[] bytes = bytesOf(new Frame.Data(1, ByteBuffer.allocate(WireLimits.CHUNK_BYTES + 1)));
    assertThrows(GarageException.Corrupt.class, () -> Frame.parse(ByteBuffer.wrap(bytes)));
  }

  @Test
  void messageOfMoreThanTheLimitIsRefusedBeforeItIsReceived() {
    assertThrows(
        GarageException.Corrupt.class, () -> Assembly.length(Integer.MAX_VALUE, Integer.MAX_VALUE));
    assertThrows(GarageException.Corrupt.class, () -> Assembly.length(1, Rpc.MESSAGE_BYTES_MAX));
    assertEquals(Rpc.MESSAGE_BYTES_MAX, Assembly.length(0, Rpc.MESSAGE_BYTES_MAX));
  }

  @Test
  void messageIsPutTogetherFromItsChunks() {
    Property.check(
        "assembly",
        200,
        g -> {
          byte[] value = g.bytes(g.between(0, 3 * WireLimits.CHUNK_BYTES));
          byte[] attachment = g.bytes(g.between(0, 3 * WireLimits.CHUNK_BYTES));
          Message sent = new Message(ByteBuffer.wrap(value), ByteBuffer.wrap(attachment));
          Assembly assembly = null;
          for (int from = 0; assembly == null || from < sent.length(); ) {
            int to = Math.min(sent.length(), from + WireLimits.CHUNK_BYTES);
            ByteBuffer chunk = ByteBuffer.allocate(to - from);
            for (ByteBuffer part : sent.chunk(ByteBuffer.allocate(0), from, to)) {
              chunk.put(part);
            }
            chunk.flip();
            if (assembly == null) {
              assembly = new Assembly(value.length, attachment.length, chunk);
            } else {
              assembly.add(chunk);
            }
            from = to;
          }
          assertEquals(sent, assembly.message());
        });
  }

  @Test
  void chunksOfAnotherLengthThanExpectedAreRefused() {
    int length = 2 * WireLimits.CHUNK_BYTES;
    ByteBuffer full = ByteBuffer.allocate(WireLimits.CHUNK_BYTES);
    ByteBuffer less = ByteBuffer.allocate(WireLimits.CHUNK_BYTES - 1);
    assertThrows(GarageException.Corrupt.class, () -> new Assembly(length, 0, less));
    Assembly assembly = new Assembly(length, 0, full);
    assertThrows(GarageException.Corrupt.class, () -> assembly.add(less));
    assembly.add(full);
    assertThrows(GarageException.Corrupt.class, () -> assembly.add(full));
  }
}
