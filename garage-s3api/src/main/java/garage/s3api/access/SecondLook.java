package garage.s3api.access;

import garage.model.bucket.Bucket;
import garage.model.object.Annotations;
import garage.s3api.call.ObjectAccess;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The bucket of one request, of which a quorum is asked before the request is refused: this node
 * may have missed what allows it. At most once, however many decisions the request needs; those on
 * the keys of a deletion are taken side by side.
 */
final class SecondLook {
  private final Bucket here;
  private final Supplier<Optional<Bucket>> quorum;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean isAsked;
  private Optional<Bucket> news = Optional.empty();

  /**
   * @param here as this node knows it
   * @param quorum asks for what is known now
   */
  SecondLook(Bucket here, Supplier<Optional<Bucket>> quorum) {
    this.here = here;
    this.quorum = quorum;
  }

  /** A decision; one to refuse is taken again if there is news of the bucket. */
  <T> T decide(Function<Bucket, T> decision) {
    return decide(() -> decision.apply(here), decision);
  }

  /** What {@code decision} on {@code bucket} leaves to the object, which is asked likewise. */
  ObjectAccess onObject(Bucket bucket, Function<Bucket, ObjectAccess> decision) {
    ObjectAccess first = decision.apply(bucket);
    return first.equals(ObjectAccess.DECIDED)
        ? first
        : said -> decide(() -> passed(first, said), now -> passed(decision.apply(now), said));
  }

  private static boolean passed(ObjectAccess access, Annotations said) {
    access.check(said);
    return true;
  }

  private <T> T decide(Supplier<T> first, Function<Bucket, T> again) {
    try {
      return first.get();
    } catch (S3Exception e) {
      if (e.error().code() != S3ErrorCode.ACCESS_DENIED) {
        throw e;
      }
      return again.apply(news().orElseThrow(() -> e));
    }
  }

  /** The bucket as it is now, if that differs from what this node knew and it still exists. */
  Optional<Bucket> news() {
    lock.lock();
    try {
      if (!isAsked) {
        news = quorum.get().filter(now -> !now.equals(here));
        isAsked = true;
      }
      return news;
    } finally {
      lock.unlock();
    }
  }
}
