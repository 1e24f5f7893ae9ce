/** Buckets as web sites, for everybody. */
@NullMarked
package garage.s3api.web;

import org.jspecify.annotations.NullMarked;
