package garage.s3api.object;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.model.object.ObjectKey;
import garage.model.object.Objects;
import garage.model.object.Tag;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.request.S3Request;
import garage.s3api.request.TagRules;
import garage.s3api.xml.Tagging;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** GetObjectTagging, PutObjectTagging and DeleteObjectTagging. */
public final class TaggingHandler {
  private final Objects objects;
  private final Runner runner;

  public TaggingHandler(Objects objects, Runner runner) {
    this.objects = objects;
    this.runner = runner;
  }

  /** Answers an object's tags, by key. */
  public HttpResponse get(Call call, S3Request.GetObjectTagging request) {
    ObjectKey key = call.key(request.name().key());
    Objects.Found found =
        objects.head(key, runner.metadata()).orElseThrow(() -> GetHandler.noSuchKey(key.key()));
    List<Tag> byKey = new ArrayList<>(found.object().annotations().tags());
    byKey.sort(Comparator.comparing(Tag::key));
    return Replies.xml(new Tagging(byKey));
  }

  /** Replaces an object's tags by those in the body. */
  public HttpResponse put(Call call, S3Request.PutObjectTagging request) {
    byte[] body = call.body().readAll(Tagging.BYTES_MAX);
    if (body == null) {
      throw S3ErrorCode.MALFORMED_XML.exception();
    }
    List<Tag> tags = Tagging.parse(body).tags();
    replace(call, request.name().key(), TagRules.checked(tags, TagRules.OBJECT_TAGS_MAX));
    return HttpResponse.empty(200, Headers.EMPTY);
  }

  /** Takes an object's tags away. */
  public HttpResponse delete(Call call, S3Request.DeleteObjectTagging request) {
    replace(call, request.name().key(), List.of());
    return Replies.noContent();
  }

  private void replace(Call call, String key, List<Tag> tags) {
    if (objects.annotate(call.key(key), said -> said.withTags(tags), runner.metadata()).isEmpty()) {
      throw GetHandler.noSuchKey(key);
    }
  }
}
