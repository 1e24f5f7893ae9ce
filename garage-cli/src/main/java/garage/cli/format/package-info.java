/** Answers of the daemon as text for people and scripts; pure functions of the answers. */
@NullMarked
package garage.cli.format;

import org.jspecify.annotations.NullMarked;
