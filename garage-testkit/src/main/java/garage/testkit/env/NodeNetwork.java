package garage.testkit.env;

import garage.common.env.Address;
import garage.common.env.Connection;
import garage.common.env.Deadline;
import garage.common.env.Network;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The network as one process of one node sees it. */
final class NodeNetwork implements Network {
  private final SimNetwork fabric;
  private final SimConnection.Party me;
  private final SimClock clock;

  NodeNetwork(
      SimNetwork fabric,
      SimNode node,
      Incarnation process,
      SimClock clock,
      @Nullable NodeId identity) {
    this.fabric = fabric;
    this.me = new SimConnection.Party(node, process, identity);
    this.clock = clock;
  }

  @Override
  public Listener listen(Address address, Consumer<Connection> onConnection) {
    me.process().enter();
    if (!fabric.isLocal(me.node(), address.host())) {
      throw new GarageException.Unreachable(address + " is not an address of " + me.node().name());
    }
    return fabric.listen(me, address, onConnection);
  }

  @Override
  public Connection connect(Address address, Deadline deadline) {
    me.process().enter();
    List<SimNode> nodes = fabric.lookUp(me.node(), address.host());
    if (nodes.isEmpty()) {
      throw new GarageException.Unreachable("unknown host " + address.host());
    }
    return fabric.connect(me, nodes.getFirst(), address.port(), clock.time(deadline));
  }

  @Override
  public List<Address> resolve(Address name) {
    me.process().enter();
    if (SimNetwork.isLiteral(name.host())) {
      return List.of(name);
    }
    return fabric.lookUp(me.node(), name.host()).stream()
        .map(node -> new Address(node.ip(), name.port()))
        .toList();
  }
}
