package garage.http.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/** What is held is counted, kept in order, and no larger than of use. */
class HeldBytesTest {
  private final ReceiveBudget budget = new ReceiveBudget(10_000);
  private final HeldBytes held = new HeldBytes(UnpooledByteBufAllocator.DEFAULT, budget);

  @Test
  void bytesThatTrickleInAreHeldInOrderAtSmallCost() {
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 2000; i++) {
      expected.append((char) ('a' + i % 26));
      held.add(buffer(64 * 1024, expected.substring(i)));
      held.compact();
      assertTrue(budget.held() < 4 * i + 2048, "holds " + budget.held() + " for " + i);
    }
    ByteBuf all = held.take();
    assertEquals(expected.toString(), all == null ? null : all.toString(US_ASCII));
    assertEquals(0, budget.held());
    if (all != null) {
      all.release();
    }
  }

  @Test
  void aBufferSharedWithASliceIsNotWrittenOver() {
    ByteBuf first = buffer(100, "abcd");
    ByteBuf slice = first.readRetainedSlice(2);
    held.add(first);
    held.add(buffer(10, "ef"));
    ByteBuf rest = held.get();
    assertEquals("cdef", rest == null ? null : rest.toString(US_ASCII));
    assertEquals("ab", slice.toString(US_ASCII));
    slice.release();
    held.release();
    assertTrue(held.isEmpty());
    assertEquals(0, budget.held());
  }

  @Test
  void theBudgetEndsReadingAhead() {
    assertTrue(budget.allowsReadAhead());
    held.add(buffer(10_000, "x"));
    assertTrue(!budget.allowsReadAhead());
    held.compact();
    assertTrue(budget.allowsReadAhead());
    held.release();
  }

  private static ByteBuf buffer(int capacity, String text) {
    return UnpooledByteBufAllocator.DEFAULT.buffer(capacity).writeBytes(text.getBytes(US_ASCII));
  }
}
