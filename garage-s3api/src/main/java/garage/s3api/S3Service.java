package garage.s3api;

import garage.common.env.Clock;
import garage.common.env.Gate;
import garage.common.env.Tasks;
import garage.common.error.GarageException;
import garage.common.metrics.Metrics;
import garage.http.HttpHandler;
import garage.http.HttpRequest;
import garage.http.HttpResponse;
import garage.http.ProtocolError;
import garage.http.RequestFailure;
import garage.http.ResponseBody;
import garage.http.sigv4.Authentication;
import garage.http.sigv4.Credentials;
import garage.http.sigv4.SignatureException;
import garage.http.sigv4.SignatureVerifier;
import garage.model.Model;
import garage.s3api.access.Arrival;
import garage.s3api.access.Authorization;
import garage.s3api.acl.Ownership;
import garage.s3api.body.DocumentRoom;
import garage.s3api.bucket.BucketHandler;
import garage.s3api.call.Call;
import garage.s3api.call.Caller;
import garage.s3api.call.PeekedPayload;
import garage.s3api.call.Replies;
import garage.s3api.call.Runner;
import garage.s3api.call.S3Settings;
import garage.s3api.cors.Cors;
import garage.s3api.encryption.Encryptions;
import garage.s3api.error.FailureMapping;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.lifecycle.Expirations;
import garage.s3api.post.PostForms;
import garage.s3api.post.PostedForm;
import garage.s3api.request.RequestHead;
import garage.s3api.request.S3Request;
import garage.s3api.request.S3RequestParser;
import garage.s3api.web.WebService;
import garage.s3api.web.WebSettings;
import garage.s3api.xml.CompleteDocument;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The S3 API: authenticates a request, parses it into an {@link S3Request}, authorizes it, and
 * hands it to the handler of its operation. Every failure becomes a reply here.
 */
public final class S3Service implements HttpHandler {
  private final SignatureVerifier verifier;
  private final S3RequestParser parser;
  private final Authorization authorization;
  private final Handlers handlers;
  private final PostForms forms;
  private final Cors cors;
  private final ErrorReplies errors;
  private final RequestMetrics metrics;
  private final Expirations expirations;
  private final Model model;
  private final Clock clock;
  private final Runner deadlines;
  private final DocumentRoom documents;

  public S3Service(Model model, Clock clock, Tasks tasks, S3Settings settings) {
    this(model, clock, tasks, settings, new Metrics());
  }

  /** As above, with requests counted in {@code metrics}. */
  public S3Service(Model model, Clock clock, Tasks tasks, S3Settings settings, Metrics metrics) {
    this.metrics = new RequestMetrics(metrics, clock);
    this.model = model;
    this.clock = clock;
    this.expirations = new Expirations(settings.midnight());
    Ownership ownership = new Ownership(model.keys(), settings.ownership());
    this.authorization = new Authorization(model, ownership, clock);
    this.verifier = new SignatureVerifier(clock, "s3", authorization::credentials);
    this.parser = new S3RequestParser(settings.rootDomain());
    this.deadlines = new Runner(clock, tasks);
    this.documents = new DocumentRoom(new Gate(clock));
    this.handlers = Handlers.of(model, deadlines, settings);
    this.forms = new PostForms(clock, authorization::credentials);
    this.cors =
        new Cors(head ->
            Optional.ofNullable(parser.bucket(head))
                .flatMap(name -> model.buckets().resolve(name, null)));
    this.errors = new ErrorReplies(settings.hostId());
  }

  /** Serves buckets as web sites, with the memory this API has. */
  public HttpHandler webSites(WebSettings settings, Metrics counts) {
    WebService.Parts parts = new WebService.Parts(model.buckets(), authorization, handlers.get());
    return new WebService(parts, settings, counts, clock);
  }

  @Override
  public HttpResponse handle(HttpRequest http) {
    HttpResponse reply =
        http.method().equals("OPTIONS")
            ? preflight(http)
            : metrics.counted(attempt -> answer(http, attempt));
    return errors.withIds(http.id(), reply);
  }

  @Override
  public HttpResponse refuse(ProtocolError error, String requestId) {
    return errors.withIds(requestId, errors.refused(FailureMapping.of(error), requestId));
  }

  private HttpResponse preflight(HttpRequest http) {
    try {
      return cors.preflight(RequestHead.of(http));
    } catch (S3Exception e) {
      return errors.failed(http, null, e.error());
    }
  }

  private HttpResponse answer(HttpRequest http, RequestMetrics.Attempt attempt) {
    HttpResponse reply = decided(http, attempt);
    return http.headers().contains("origin") ? cors.decorate(RequestHead.of(http), reply) : reply;
  }

  private HttpResponse decided(HttpRequest http, RequestMetrics.Attempt attempt) {
    String keyId = null;
    try {
      Authentication who = verifier.authenticate(http);
      Caller caller =
          switch (who) {
            case Authentication.Anonymous _ -> Caller.anonymous();
            case Authentication.Signed signed -> {
              keyId = signed.credentials().accessKeyId();
              yield authorization.caller(signed.credentials());
            }
          };
      Arrival arrival = Arrival.of(http, caller, who.payload());
      S3Request request = parser.parse(arrival.head());
      attempt.is(request);
      return dispatch(request, arrival);
    } catch (S3Exception e) {
      return errors.failed(http, keyId, e.error());
    } catch (SignatureException e) {
      return errors.failed(http, keyId, FailureMapping.of(e.failure()));
    } catch (RequestFailure e) {
      return errors.failed(http, keyId, FailureMapping.of(e));
    } catch (GarageException e) {
      return errors.failed(http, keyId, FailureMapping.of(e), e);
    }
  }

  private HttpResponse dispatch(S3Request request, Arrival arrival) {
    if (!(request instanceof S3Request.InBucket || request instanceof S3Request.PostObject)) {
      authorization.check(arrival.caller(), request);
    }
    return switch (request) {
      case S3Request.NotImplemented(String operation) ->
          throw S3Error.of(S3ErrorCode.NOT_IMPLEMENTED, operation + " is not implemented")
              .exception();
      case S3Request.PostObject r -> posted(r, arrival);
      case S3Request.ListBuckets r -> handlers.buckets().list(arrival.caller(), r);
      case S3Request.CreateBucket r ->
          handlers.buckets().create(arrival.caller(), r, arrival.body());
      case S3Request.InBucket r -> {
        yield admitted(r, arrival, call -> inRoom(r, call, arrival));
      }
    };
  }

  /**
   * The answer, unless the bucket turned out to be gone meanwhile: a conflict with its deletion is
   * that there is none.
   */
  private HttpResponse standing(
      Call call, S3Request.InBucket request, Supplier<HttpResponse> answer) {
    HttpResponse reply;
    try {
      reply = answer.get();
    } catch (S3Exception e) {
      requireStill(call, request);
      throw e;
    } catch (GarageException.Conflict e) {
      requireStill(call, request);
      if (model.buckets().get(call.bucket().id()).isPresent()) {
        if (request instanceof S3Request.OnObject on && on.isConditional()) {
          throw S3ErrorCode.CONDITIONAL_REQUEST_CONFLICT.exception();
        }
        throw e;
      }
      throw S3Error.of(S3ErrorCode.NO_SUCH_BUCKET).with("BucketName", request.bucket()).exception();
    }
    boolean found =
        reply.body() instanceof ResponseBody.Streamed; // was there, whatever became of it
    if (!found && !(request instanceof S3Request.DeleteBucket)) {
      requireStill(call, request);
    }
    return reply;
  }

  private void requireStill(Call call, S3Request.InBucket request) {
    authorization.requireStill(call.caller(), request.bucket(), call.bucket());
  }

  private HttpResponse admitted(
      S3Request.InBucket request, Arrival arrival, Function<Call, HttpResponse> operation) {
    Authorization.Admission admitted = authorization.admit(arrival, request);
    Call call =
        new Call(
            arrival.caller(),
            admitted.bucket(),
            arrival.body(),
            arrival.http(),
            admitted.keys(),
            admitted.object(),
            expirations);
    return standing(call, request, () -> admitted.secrets().around(() -> operation.apply(call)));
  }

  private HttpResponse posted(S3Request.PostObject request, Arrival arrival) {
    PostedForm form = forms.receive(request.bucket(), arrival);
    Credentials signer = form.signer();
    Arrival put =
        new Arrival(
            arrival.http(),
            form.head(),
            signer == null ? arrival.caller() : authorization.caller(signer),
            new PeekedPayload(form.file()));
    S3Request.PutObject object = parser.posted(request.bucket(), form.key(), form.head());
    return form.answer(admitted(object, put, call -> handlers.put().put(call, object)));
  }

  private HttpResponse inRoom(S3Request.InBucket request, Call call, Arrival arrival) {
    return request instanceof S3Request.WithDocument
        ? documents.around(
            call.body(), deadlines.metadata(), () -> inBucket(request, call, arrival))
        : inBucket(request, call, arrival);
  }

  private HttpResponse inBucket(S3Request.InBucket request, Call call, Arrival arrival) {
    return switch (request) {
      case S3Request.HeadBucket _ -> handlers.buckets().head();
      case S3Request.DeleteBucket r -> handlers.buckets().delete(call, r);
      case S3Request.GetBucketLocation _ -> handlers.buckets().location();
      case S3Request.GetBucketVersioning _ -> handlers.settings().versioning(call);
      case S3Request.ListObjects r -> handlers.list().list(call, r);
      case S3Request.ListObjectsV2 r -> handlers.list().listV2(call, r);
      case S3Request.ListObjectVersions r -> handlers.listVersions().list(call, r);
      case S3Request.GetUnsetConfiguration r -> handlers.buckets().unset(r);
      case S3Request.DeleteUnsetConfiguration _ -> Replies.noContent();
      case S3Request.PutObjectLockConfiguration _ -> throw BucketHandler.notLocking(call.bucket());
      case S3Request.ListMultipartUploads r -> handlers.listUploads().list(call, r);
      case S3Request.DeleteObjects r -> handlers.delete().deleteMany(call, r);
      case S3Request.GetBucketAcl _ -> handlers.acl().get(call);
      case S3Request.PutBucketAcl r -> handlers.acl().put(call, r);
      case S3Request.GetBucketSetting r -> handlers.settings().get(call, r);
      case S3Request.PutBucketSetting r -> handlers.settings().put(call, r);
      case S3Request.DeleteBucketSetting r -> handlers.settings().delete(call, r);
      case S3Request.PutBucketLifecycleConfiguration r -> handlers.settings().put(call, r);
      case S3Request.GetBucketPolicyStatus _ -> handlers.settings().policyStatus(call);
      case S3Request.OnObject r -> onObject(r, call, arrival);
    };
  }

  private HttpResponse onObject(S3Request.OnObject request, Call call, Arrival arrival) {
    return switch (request) {
      case S3Request.GetObject r -> handlers.get().get(call, r);
      case S3Request.HeadObject r -> handlers.get().head(call, r);
      case S3Request.PutObject r -> handlers.put().put(call, r);
      case S3Request.DeleteObject r -> handlers.delete().delete(call, r);
      case S3Request.CopyObject r -> {
        Authorization.Origin from = authorization.source(arrival, r.source());
        yield handlers
            .slowly()
            .of(
                call,
                Encryptions.headers(r.key()),
                () -> from.reading(source -> handlers.copy().copy(call, r, source)));
      }
      case S3Request.CreateMultipartUpload r -> handlers.uploads().create(call, r);
      case S3Request.AbortMultipartUpload r -> handlers.uploads().abort(call, r);
      case S3Request.UploadPart r -> handlers.parts().upload(call, r);
      case S3Request.UploadPartCopy r -> {
        Authorization.Origin from = authorization.source(arrival, r.source());
        yield handlers
            .slowly()
            .of(
                call,
                Encryptions.headers(r.key()),
                () -> from.reading(source -> handlers.parts().copy(call, r, source)));
      }
      case S3Request.ListParts r -> handlers.listParts().list(call, r);
      case S3Request.GetObjectAttributes r -> handlers.attributes().get(call, r);
      case S3Request.GetObjectAcl r -> handlers.acl().get(call, r);
      case S3Request.PutObjectAcl r -> handlers.acl().put(call, r);
      case S3Request.LockOfObject _ -> throw BucketHandler.withoutLocks();
      case S3Request.GetObjectTagging r -> handlers.tagging().get(call, r);
      case S3Request.PutObjectTagging r -> handlers.tagging().put(call, r);
      case S3Request.DeleteObjectTagging r -> handlers.tagging().delete(call, r);
      case S3Request.CompleteMultipartUpload r -> {
        CompleteDocument document = handlers.complete().document(call, r);
        yield handlers.slowly().of(call, () -> handlers.complete().complete(call, r, document));
      }
    };
  }
}
