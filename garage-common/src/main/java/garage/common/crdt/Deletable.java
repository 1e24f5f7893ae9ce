package garage.common.crdt;

import garage.common.codec.Codec;
import java.util.Objects;
import java.util.Optional;

/** A mergeable value that can be deleted, once and for ever: a deletion absorbs every value. */
public sealed interface Deletable<T extends Crdt<T>> extends Crdt<Deletable<T>> {
  /** A value that is there. */
  static <T extends Crdt<T>> Deletable<T> present(T value) {
    return new Present<>(value);
  }

  /** A value that is gone. */
  static <T extends Crdt<T>> Deletable<T> deleted() {
    return new Deleted<>();
  }

  /** A presence byte, then the value if there is one. */
  static <T extends Crdt<T>> Codec<Deletable<T>> codec(Codec<T> value) {
    return Codec.of(
        (out, deletable) -> {
          switch (deletable) {
            case Present<T>(T it) -> out.bool(true).value(it, value);
            case Deleted<T>() -> out.bool(false);
          }
        },
        in -> in.bool() ? present(in.value(value)) : deleted());
  }

  /** The value, if it is not deleted. */
  default Optional<T> value() {
    return switch (this) {
      case Present<T>(T value) -> Optional.of(value);
      case Deleted<T>() -> Optional.empty();
    };
  }

  /** Whether the value is gone. */
  default boolean isDeleted() {
    return this instanceof Deleted<T>;
  }

  @Override
  default Deletable<T> merge(Deletable<T> other) {
    return switch (this) {
      case Deleted<T>() -> this;
      case Present<T>(T mine) ->
          switch (other) {
            case Deleted<T>() -> other;
            case Present<T>(T theirs) -> new Present<>(mine.merge(theirs));
          };
    };
  }

  /** There. */
  record Present<T extends Crdt<T>>(T it) implements Deletable<T> {
    public Present {
      Objects.requireNonNull(it);
    }
  }

  /** Gone. */
  record Deleted<T extends Crdt<T>>() implements Deletable<T> {}
}
