/** The real seams: the only package that touches the JDK's clock, threads, files and randomness. */
@NullMarked
package garage.common.env.system;

import org.jspecify.annotations.NullMarked;
