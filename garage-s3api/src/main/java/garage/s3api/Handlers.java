package garage.s3api;

import garage.model.Model;
import garage.model.object.ObjectTables;
import garage.s3api.acl.AclHandler;
import garage.s3api.acl.Ownership;
import garage.s3api.bucket.BucketHandler;
import garage.s3api.bucket.SettingsHandler;
import garage.s3api.call.Runner;
import garage.s3api.call.S3Settings;
import garage.s3api.call.SlowReply;
import garage.s3api.list.ListHandler;
import garage.s3api.list.ListUploadsHandler;
import garage.s3api.list.ListVersionsHandler;
import garage.s3api.multipart.CompleteHandler;
import garage.s3api.multipart.ListPartsHandler;
import garage.s3api.multipart.PartHandler;
import garage.s3api.multipart.UploadHandler;
import garage.s3api.object.AttributesHandler;
import garage.s3api.object.BodyWriter;
import garage.s3api.object.ContentReader;
import garage.s3api.object.CopyHandler;
import garage.s3api.object.CopySources;
import garage.s3api.object.DeleteHandler;
import garage.s3api.object.GetHandler;
import garage.s3api.object.Publishing;
import garage.s3api.object.PutHandler;
import garage.s3api.object.QuotaGuard;
import garage.s3api.object.RangeCopier;
import garage.s3api.object.SmallBodies;
import garage.s3api.object.TaggingHandler;

/** The handlers of all operations. */
record Handlers(
    BucketHandler buckets,
    SettingsHandler settings,
    GetHandler get,
    PutHandler put,
    CopyHandler copy,
    DeleteHandler delete,
    TaggingHandler tagging,
    AclHandler acl,
    AttributesHandler attributes,
    ListHandler list,
    ListVersionsHandler listVersions,
    ListUploadsHandler listUploads,
    UploadHandler uploads,
    PartHandler parts,
    ListPartsHandler listParts,
    CompleteHandler complete,
    SlowReply slowly) {

  static Handlers of(Model model, Runner runner, S3Settings settings) {
    ObjectTables tables = model.objects();
    Ownership ownership = new Ownership(model.keys(), settings.ownership());
    int blockBytes = settings.blockBytes();
    ContentReader reader = new ContentReader(tables, runner, blockBytes);
    Publishing publishing = new Publishing(tables.objects(), runner);
    QuotaGuard quotas = new QuotaGuard(model, runner);
    CopySources sources = new CopySources(tables.objects(), runner);
    RangeCopier copier = new RangeCopier(tables.data(), reader, runner, blockBytes);
    SmallBodies small = new SmallBodies(runner.clock());
    BodyWriter writer = new BodyWriter(tables.data(), runner, blockBytes);
    return new Handlers(
        new BucketHandler(model, ownership, runner, settings),
        new SettingsHandler(model.buckets(), ownership, runner),
        new GetHandler(tables.objects(), reader, runner, small, settings.inlineBytesMax()),
        new PutHandler(tables.data(), publishing, quotas, ownership, small, settings),
        new CopyHandler(tables.data(), sources, copier, publishing, quotas, ownership),
        new DeleteHandler(tables.objects(), publishing, runner),
        new TaggingHandler(tables.objects(), runner),
        new AclHandler(model.buckets(), tables.objects(), ownership, runner),
        new AttributesHandler(tables.objects(), tables.uploads(), runner),
        new ListHandler(tables.objects(), ownership, runner),
        new ListVersionsHandler(tables.objects(), ownership, runner),
        new ListUploadsHandler(tables.uploads(), ownership, runner),
        new UploadHandler(tables.uploads(), tables.data(), ownership, runner),
        new PartHandler(tables, writer, sources, copier, runner),
        new ListPartsHandler(tables.uploads(), ownership, runner),
        new CompleteHandler(tables.uploads(), publishing, quotas, runner, settings.partBytesMin()),
        new SlowReply(runner, settings.hostId()));
  }
}
