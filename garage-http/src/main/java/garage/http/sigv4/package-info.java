/** AWS Signature Version 4: verifying requests and bodies, and making them for clients of ours. */
@NullMarked
package garage.http.sigv4;

import org.jspecify.annotations.NullMarked;
