package garage.s3api.object;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.model.object.ObjectKey;
import garage.model.object.Objects;
import garage.model.object.Tag;
import garage.s3api.body.Documents;
import garage.s3api.call.Call;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.find.Sights;
import garage.s3api.request.ObjectName;
import garage.s3api.request.S3Request;
import garage.s3api.request.TagRules;
import garage.s3api.xml.Tagging;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** GetObjectTagging, PutObjectTagging and DeleteObjectTagging. */
public final class TaggingHandler {
  private final Objects objects;
  private final Sights sights;
  private final Runner runner;

  public TaggingHandler(Objects objects, Runner runner) {
    this.objects = objects;
    this.sights = new Sights(objects, runner);
    this.runner = runner;
  }

  /** Answers an object's tags, by key. */
  public HttpResponse get(Call call, S3Request.GetObjectTagging request) {
    ObjectKey key = call.key(request.name().key());
    Objects.Found found = sights.find(key, request.version(), false);
    List<Tag> byKey = new ArrayList<>(found.object().annotations().tags());
    byKey.sort(Comparator.comparing(Tag::key));
    return Sights.named(call, found, Replies.xml(new Tagging(byKey)));
  }

  /** Replaces an object's tags by those in the body. */
  public HttpResponse put(Call call, S3Request.PutObjectTagging request) {
    byte[] body = Documents.read(call.body(), request.claim(), Tagging.BYTES_MAX);
    if (body == null) {
      throw S3ErrorCode.MALFORMED_XML.exception();
    }
    List<Tag> tags = Tagging.parse(body).tags();
    Objects.Found found =
        replace(call, request.name(), TagRules.checked(tags, TagRules.OBJECT_TAGS_MAX));
    return Sights.named(call, found, HttpResponse.empty(200, Headers.EMPTY));
  }

  /** Takes an object's tags away. */
  public HttpResponse delete(Call call, S3Request.DeleteObjectTagging request) {
    Objects.Found found = replace(call, request.name(), List.of());
    return Sights.named(call, found, Replies.noContent());
  }

  private Objects.Found replace(Call call, ObjectName name, List<Tag> tags) {
    ObjectKey key = call.key(name.key());
    Objects.Sight sight =
        objects.annotate(key, name.version(), said -> said.withTags(tags), runner.metadata());
    return Sights.found(sight, name.key(), name.version());
  }
}
