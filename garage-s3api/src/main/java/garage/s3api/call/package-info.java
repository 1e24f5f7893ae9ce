/** What the handlers of all operations share: the authorized call, limits of time, replies. */
@NullMarked
package garage.s3api.call;

import org.jspecify.annotations.NullMarked;
