/** The S3 API's requests as typed values, and the parser that makes them of an HTTP head. */
@NullMarked
package garage.s3api.request;

import org.jspecify.annotations.NullMarked;
