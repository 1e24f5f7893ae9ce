package garage.testkit.env;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection: what has been sent and has not arrived. In a stream the first item
 * holds up the others; while the way is blocked nothing arrives, and what has waited for too long
 * makes the sender's kernel give up. Acknowledgements, which make room in the sender's buffer, take
 * the way back and are held up there in the same manner.
 */
final class Wire {
  /** What a sender's and a receiver's kernel buffer together. */
  static final int BUFFER_BYTES = 256 * 1024;

  private final SimNetwork net;
  private final SimConnection source;
  private final SimConnection target;
  private final ArrayDeque<Item> items = new ArrayDeque<>();
  private @Nullable SimTimer arrival;
  private @Nullable SimTimer givingUp;
  private long lastDue;
  private int unacknowledged;
  private int acknowledgementsOwed;

  /** A frame, or the end of the stream. */
  private record Item(long due, byte @Nullable [] frame) {}

  Wire(SimNetwork net, SimConnection source, SimConnection target) {
    this.net = net;
    this.source = source;
    this.target = target;
  }

  boolean hasRoom(int bytes) {
    return unacknowledged == 0 || unacknowledged + bytes <= BUFFER_BYTES;
  }

  void send(byte[] frame) {
    unacknowledged += frame.length;
    LinkFaults faults = net.faultsBetween(source.host(), target.host());
    if (faults.frames().none()) {
      add(new Item(due(faults), frame));
    } else {
      sendLoosely(frame, faults);
    }
  }

  /** Sends the end of the stream, behind what is under way. */
  void end() {
    add(new Item(due(net.faultsBetween(source.host(), target.host())), null));
  }

  /** Loses what is under way. */
  void clear() {
    items.clear();
    net.scheduler().cancel(arrival);
    net.scheduler().cancel(givingUp);
    arrival = null;
    givingUp = null;
  }

  private long due(LinkFaults faults) {
    lastDue = Math.max(lastDue + 1, net.scheduler().time() + net.delay(faults));
    return lastDue;
  }

  private void add(Item item) {
    items.add(item);
    if (items.size() == 1) {
      waitForHead();
    }
  }

  private void waitForHead() {
    net.scheduler().cancel(givingUp);
    givingUp = null;
    if (!items.isEmpty()) {
      givingUp = net.scheduler().after(net.giveUpAfterNanos(), source::giveUp);
      move();
    }
  }

  /** Lets the first item arrive when it is due, unless the way is blocked. */
  private void move() {
    net.scheduler().cancel(arrival);
    arrival = null;
    Item head = items.peek();
    if (head != null && net.isOpen(source.host(), target.host())) {
      arrival = net.scheduler().at(head.due(), this::arrive);
    }
  }

  private void arrive() {
    arrival = null;
    if (!net.isOpen(source.host(), target.host())) {
      return;
    }
    Item head = items.remove();
    byte[] frame = head.frame();
    if (frame == null) {
      target.ended();
      source.endArrived();
    } else {
      target.arrived(frame);
    }
    waitForHead();
  }

  private void sendLoosely(byte[] frame, LinkFaults faults) {
    SeededRandom random = net.random();
    if (random.chance(faults.frames().loss())) {
      unacknowledged -= frame.length;
      return;
    }
    int copies = random.chance(faults.frames().duplication()) ? 2 : 1;
    unacknowledged += (copies - 1) * frame.length;
    for (int i = 0; i < copies; i++) {
      boolean overtakes = random.chance(faults.frames().reordering());
      long due = overtakes ? net.scheduler().time() + net.delay(faults) : due(faults);
      net.scheduler().at(due, () -> arriveLoosely(frame));
    }
  }

  private void arriveLoosely(byte[] frame) {
    if (net.isOpen(source.host(), target.host())) {
      target.arrived(frame);
    } else {
      unacknowledged -= frame.length;
    }
  }

  /** Called when the receiving end has taken {@code bytes} from its buffer. */
  void taken(int bytes) {
    acknowledgementsOwed += bytes;
    long delay = net.delay(net.faultsBetween(target.host(), source.host()));
    net.scheduler().after(delay, this::acknowledge);
  }

  private void acknowledge() {
    if (acknowledgementsOwed > 0 && net.isOpen(target.host(), source.host())) {
      unacknowledged -= acknowledgementsOwed;
      acknowledgementsOwed = 0;
      source.wakeSenders();
    }
  }

  /** Goes on with whatever was held up, now that blocks or machines have changed. */
  void changed() {
    move();
    acknowledge();
  }
}
