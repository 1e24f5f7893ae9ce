/**
 * The register of a key: linearizable reads, writes and conditional writes of one value, without a
 * leader. {@code docs/design/consistency.md} gives the protocol's rules and the reason for each.
 */
@NullMarked
package garage.table.register;

import org.jspecify.annotations.NullMarked;
