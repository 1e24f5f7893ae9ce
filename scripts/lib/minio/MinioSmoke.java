import io.minio.BucketExistsArgs;
import io.minio.CopyObjectArgs;
import io.minio.CopySource;
import io.minio.DownloadObjectArgs;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.RemoveBucketArgs;
import io.minio.RemoveObjectArgs;
import io.minio.RemoveObjectsArgs;
import io.minio.Result;
import io.minio.SetBucketVersioningArgs;
import io.minio.StatObjectArgs;
import io.minio.UploadObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.messages.DeleteError;
import io.minio.messages.DeleteObject;
import io.minio.messages.Item;
import io.minio.messages.VersioningConfiguration;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** MinIO's Java client as scripts/smoke drives it: MinioSmoke DATA WORK. */
public final class MinioSmoke {
  private static final String BUCKET = "smoke-minio";

  private MinioSmoke() {}

  public static void main(String[] arguments) throws Exception {
    Path data = Path.of(arguments[0]);
    Path work = Path.of(arguments[1]);
    MinioClient client =
        MinioClient.builder()
            .endpoint(System.getenv("AWS_ENDPOINT_URL"))
            .region(System.getenv("AWS_DEFAULT_REGION"))
            .credentials(System.getenv("AWS_ACCESS_KEY_ID"), System.getenv("AWS_SECRET_ACCESS_KEY"))
            .build();
    client.makeBucket(MakeBucketArgs.builder().bucket(BUCKET).build());
    require(
        client.bucketExists(BucketExistsArgs.builder().bucket(BUCKET).build()),
        "the bucket is there");
    // the sizes of parts are the client's own choice: five mebibytes, so that the large one has
    // some
    List<String> keys = List.of("small", "empty", "sub/ä b+c%d", "large");
    for (String key : keys) {
      client.uploadObject(
          UploadObjectArgs.builder()
              .bucket(BUCKET)
              .object(key)
              .filename(data.resolve(key).toString())
              .build());
    }
    require(names(client, false).equals(new HashSet<>(keys)), "everything is listed");
    client.copyObject(
        CopyObjectArgs.builder()
            .bucket(BUCKET)
            .object("copy")
            .source(CopySource.builder().bucket(BUCKET).object("large").build())
            .build());
    Path down = work.resolve("minio.large");
    client.downloadObject(
        DownloadObjectArgs.builder()
            .bucket(BUCKET)
            .object("copy")
            .filename(down.toString())
            .build());
    require(Files.mismatch(data.resolve("large"), down) == -1, "the copy is what was stored");
    byte[] large = Files.readAllBytes(data.resolve("large"));
    try (InputStream in =
        client.getObject(
            GetObjectArgs.builder()
                .bucket(BUCKET)
                .object("large")
                .offset(5_000_000L)
                .length(1_000_000L)
                .build())) {
      byte[] range = in.readAllBytes();
      require(Arrays.equals(range, Arrays.copyOfRange(large, 5_000_000, 6_000_000)), "a range");
    }
    client.removeObject(RemoveObjectArgs.builder().bucket(BUCKET).object("copy").build());
    requireAbsent(client, "copy");
    versions(client, data);
    List<DeleteObject> all = new ArrayList<>();
    for (Result<Item> listed : list(client, true)) {
      all.add(new DeleteObject(listed.get().objectName(), listed.get().versionId()));
    }
    for (Result<DeleteError> error :
        client.removeObjects(RemoveObjectsArgs.builder().bucket(BUCKET).objects(all).build())) {
      throw new AssertionError(error.get().message());
    }
    client.removeBucket(RemoveBucketArgs.builder().bucket(BUCKET).build());
  }

  private static void versions(MinioClient client, Path data) throws Exception {
    client.setBucketVersioning(
        SetBucketVersioningArgs.builder()
            .bucket(BUCKET)
            .config(new VersioningConfiguration(VersioningConfiguration.Status.ENABLED, null))
            .build());
    String version =
        client
            .uploadObject(
                UploadObjectArgs.builder()
                    .bucket(BUCKET)
                    .object("small")
                    .filename(data.resolve("large").toString())
                    .build())
            .versionId();
    require(version != null, "an upload tells its version");
    client.removeObject(RemoveObjectArgs.builder().bucket(BUCKET).object("small").build());
    requireAbsent(client, "small");
    long size =
        client
            .statObject(
                StatObjectArgs.builder().bucket(BUCKET).object("small").versionId(version).build())
            .size();
    require(size == Files.size(data.resolve("large")), "a version is there behind its marker");
  }

  private static Iterable<Result<Item>> list(MinioClient client, boolean versions) {
    return client.listObjects(
        ListObjectsArgs.builder().bucket(BUCKET).recursive(true).includeVersions(versions).build());
  }

  private static Set<String> names(MinioClient client, boolean versions) throws Exception {
    Set<String> names = new HashSet<>();
    for (Result<Item> listed : list(client, versions)) {
      names.add(listed.get().objectName());
    }
    return names;
  }

  private static void requireAbsent(MinioClient client, String key) throws Exception {
    try {
      client.statObject(StatObjectArgs.builder().bucket(BUCKET).object(key).build());
    } catch (ErrorResponseException e) {
      require(e.errorResponse().code().equals("NoSuchKey"), "it is gone: " + e);
      return;
    }
    throw new AssertionError(key + " is still there");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }
}
