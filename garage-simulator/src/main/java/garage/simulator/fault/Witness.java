package garage.simulator.fault;

/** Who has to know what an operator saw and did. */
public interface Witness {
  /** From now on what needs the block with this hash may be gone. */
  void lost(String hash);

  /** An operator saw something that must not be. */
  void wrong(String what);
}
