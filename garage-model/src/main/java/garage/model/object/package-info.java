/** Objects, their data, and multipart uploads: the tables, and the rules that link them. */
@NullMarked
package garage.model.object;

import org.jspecify.annotations.NullMarked;
