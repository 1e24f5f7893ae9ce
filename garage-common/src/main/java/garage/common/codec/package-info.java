/** Versioned binary encoding of everything that is persisted or sent to a peer. */
@NullMarked
package garage.common.codec;

import org.jspecify.annotations.NullMarked;
