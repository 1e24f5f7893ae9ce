/** The documents of the S3 API: records that write themselves, and readers of what clients send. */
@NullMarked
package garage.s3api.xml;

import org.jspecify.annotations.NullMarked;
