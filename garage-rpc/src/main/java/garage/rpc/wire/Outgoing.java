package garage.rpc.wire;

import garage.rpc.Priority;

/** A message to be sent. All methods are called under the lock of its {@link SendQueue}. */
interface Outgoing {
  Priority priority();

  Message message();

  /** Called when the first chunk goes: the frame that begins the message, with an empty chunk. */
  Frame open();

  /** The id on the wire; known once {@link #open} was called. */
  long id();

  /** The last chunk has left the queue. */
  void sent();
}
