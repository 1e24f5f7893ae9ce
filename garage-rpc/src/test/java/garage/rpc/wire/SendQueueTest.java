package garage.rpc.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.error.GarageException;
import garage.rpc.Priority;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order in which chunks go, and the credit they need. */
final class SendQueueTest {
  private static final int CHUNK = WireLimits.CHUNK_BYTES;

  private final SendQueue queue = new SendQueue(WireLimits.CREDIT_BYTES);
  private long lastId;

  private final class Item implements Outgoing {
    final Priority priority;
    final Message message;
    long id;
    boolean sent;

    Item(Priority priority, int bytes) {
      this.priority = priority;
      this.message = new Message(ByteBuffer.allocate(bytes), ByteBuffer.allocate(0));
    }

    @Override
    public Priority priority() {
      return priority;
    }

    @Override
    public Message message() {
      return message;
    }

    @Override
    public Frame open() {
      id = ++lastId;
      return new Frame.Answer(id, message.value().remaining(), 0, Frame.NO_CHUNK);
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public void sent() {
      sent = true;
    }
  }

  private Item add(Priority priority, int bytes) {
    Item item = new Item(priority, bytes);
    queue.add(item);
    return item;
  }

  private Frame next() {
    ByteBuffer[] parts = queue.next();
    if (parts == null) {
      throw new AssertionError("nothing to send");
    }
    int length = 0;
    for (ByteBuffer part : parts) {
      length += part.remaining();
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    for (ByteBuffer part : parts) {
      bytes.put(part);
    }
    return Frame.parse(bytes.flip());
  }

  private long nextId() {
    return switch (next()) {
      case Frame.Answer answer -> answer.id();
      case Frame.Data data -> data.id();
      default -> throw new AssertionError("a control frame");
    };
  }

  private List<Long> idsLeft() {
    List<Long> ids = new ArrayList<>();
    while (queue.isReady()) {
      ids.add(nextId());
    }
    return ids;
  }

  @Test
  void messagesOfOnePriorityTakeTurns() {
    add(Priority.CLIENT, 3 * CHUNK);
    add(Priority.CLIENT, 2 * CHUNK);
    add(Priority.CLIENT, CHUNK);
    List<Long> ids = idsLeft();
    assertEquals(6, ids.size());
    assertEquals(3, ids.subList(0, 3).stream().distinct().count());
  }

  @Test
  void higherPriorityGoesBeforeTheRestOfALowerMessage() {
    add(Priority.BACKGROUND, 3 * CHUNK);
    assertEquals(1, nextId());
    add(Priority.CLIENT, 2 * CHUNK);
    assertEquals(2, nextId());
    add(Priority.URGENT, CHUNK);
    assertEquals(3, nextId());
    assertEquals(List.of(2L, 1L, 1L), idsLeft());
  }

  @Test
  void controlFramesGoFirst() {
    add(Priority.URGENT, 1);
    queue.addControl(new Frame.Cancel(9));
    queue.returnCredit(Priority.CLIENT, 5);
    queue.returnCredit(Priority.CLIENT, 7);
    assertEquals(new Frame.Cancel(9), next());
    assertEquals(new Frame.Credit(Priority.CLIENT, 12), next());
    assertEquals(1, nextId());
    assertFalse(queue.isReady());
    assertNull(queue.next());
  }

  @Test
  void longMessagesWaitForCreditInTheirOrderAndShortOnesPass() {
    Item first = add(Priority.CLIENT, WireLimits.CREDIT_BYTES - CHUNK);
    while (!first.sent) {
      assertEquals(1, nextId());
    }
    Item second = add(Priority.CLIENT, 2 * CHUNK);
    Item third = add(Priority.CLIENT, CHUNK + 1);
    assertFalse(queue.isReady(), "two chunks of credit are missing");
    add(Priority.CLIENT, CHUNK);
    assertEquals(List.of(2L), idsLeft());
    queue.credit(Priority.CLIENT, CHUNK);
    assertEquals(List.of(3L, 3L), idsLeft());
    assertTrue(second.sent);
    assertFalse(third.sent);
    queue.credit(Priority.CLIENT, 2 * CHUNK);
    assertEquals(List.of(4L, 4L), idsLeft());
  }

  @Test
  void messageLongerThanAllCreditGoesAlone() {
    Item small = add(Priority.CLIENT, 2 * CHUNK);
    Item large = add(Priority.CLIENT, WireLimits.CREDIT_BYTES + CHUNK);
    Item next = add(Priority.CLIENT, 2 * CHUNK);
    assertEquals(List.of(1L, 1L), idsLeft(), "the peer holds another");
    queue.credit(Priority.CLIENT, 2 * CHUNK);
    assertEquals(WireLimits.CREDIT_BYTES / CHUNK + 1, idsLeft().size());
    assertTrue(small.sent && large.sent);
    assertFalse(next.sent);
    queue.credit(Priority.CLIENT, WireLimits.CREDIT_BYTES + CHUNK);
    assertEquals(List.of(3L, 3L), idsLeft());
  }

  @Test
  void creditOfOnePriorityIsNoneOfAnother() {
    Item background = add(Priority.BACKGROUND, WireLimits.CREDIT_BYTES);
    while (!background.sent) {
      nextId();
    }
    add(Priority.BACKGROUND, 2 * CHUNK);
    add(Priority.CLIENT, WireLimits.CREDIT_BYTES);
    assertTrue(queue.isReady());
    assertEquals(WireLimits.CREDIT_BYTES / CHUNK, idsLeft().size());
  }

  @Test
  void lentCreditIsUsedAndGivenBackLikeTheFirst() {
    SendQueue lent = new SendQueue(2 * CHUNK);
    Item first = new Item(Priority.CLIENT, 2 * CHUNK);
    Item second = new Item(Priority.CLIENT, 2 * CHUNK);
    lent.add(first);
    lent.add(second);
    drain(lent);
    assertTrue(first.sent);
    assertFalse(second.sent);
    lent.lend(Priority.CLIENT, 2 * CHUNK);
    drain(lent);
    assertTrue(second.sent);
    lent.credit(Priority.CLIENT, 4 * CHUNK);
    assertThrows(GarageException.Corrupt.class, () -> lent.credit(Priority.CLIENT, 1));
    int all = WireLimits.CREDIT_BYTES - 4 * CHUNK;
    assertThrows(GarageException.Corrupt.class, () -> lent.lend(Priority.CLIENT, all + 1));
    lent.lend(Priority.CLIENT, all);
  }

  private static void drain(SendQueue queue) {
    while (queue.isReady()) {
      assertNotNull(queue.next());
    }
  }

  @Test
  void moreCreditThanWasTakenIsRefused() {
    assertThrows(GarageException.Corrupt.class, () -> queue.credit(Priority.CLIENT, 1));
    assertThrows(GarageException.Corrupt.class, () -> queue.credit(Priority.CLIENT, 0));
  }

  @Test
  void withdrawnMessageGivesItsPlaceAndCreditToTheNext() {
    Item first = add(Priority.CLIENT, WireLimits.CREDIT_BYTES);
    assertTrue(queue.isReady(), "it has taken all credit");
    Item second = add(Priority.CLIENT, 2 * CHUNK);
    assertEquals(SendQueue.Withdrawn.UNOPENED, queue.withdraw(first));
    assertEquals(2, idsLeft().size());
    assertTrue(second.sent);
    assertEquals(SendQueue.Withdrawn.ABSENT, queue.withdraw(second));
  }

  @Test
  void creditOfAMessageBegunIsForThePeerToGiveBack() {
    Item first = add(Priority.CLIENT, WireLimits.CREDIT_BYTES);
    nextId();
    assertEquals(SendQueue.Withdrawn.OPENED, queue.withdraw(first));
    add(Priority.CLIENT, 2 * CHUNK);
    assertFalse(queue.isReady());
    queue.credit(Priority.CLIENT, WireLimits.CREDIT_BYTES);
    assertEquals(2, idsLeft().size());
  }
}
