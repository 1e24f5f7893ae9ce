package garage.s3api.request;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The table of operations in the reference, made from what the parser makes of each: every
 * operation AWS documents, and what it is answered with here.
 */
class OperationTableTest {
  private static final Path PAGE = Path.of("..", "docs", "reference", "s3-compatibility.md");
  private static final String BEGIN = "<!-- operations: made by OperationTableTest -->\n";
  private static final String END = "<!-- end of operations -->\n";

  /** Operations that share their method and resource with another one, and what sets them apart. */
  private static final Map<String, String[]> VARIANTS =
      Map.of(
          "ListBuckets", new String[] {"GET", "/"},
          "ListObjectsV2", new String[] {"GET", "/bkt?list-type=2"},
          "CopyObject", new String[] {"PUT", "/bkt/key", "x-amz-copy-source", "/bkt/other"},
          "UploadPartCopy",
              new String[] {
                "PUT", "/bkt/key?partNumber=1&uploadId=u", "x-amz-copy-source", "/bkt/other"
              });

  @Test
  void theReferenceSaysWhatEachOperationIsAnsweredWith() throws IOException {
    String page = Files.readString(PAGE);
    int from = page.indexOf(BEGIN) + BEGIN.length();
    String shown = page.substring(from, page.indexOf(END));
    assertEquals(table(), shown, "write the expected text into " + PAGE);
  }

  private static String table() {
    Map<String, String> rows = new TreeMap<>();
    BucketOperations.names().forEach((key, name) -> rows.put(name, answer(key, "/bkt")));
    Operations.onObjectNames().forEach((key, name) -> rows.put(name, answer(key, "/bkt/key")));
    VARIANTS.forEach((name, request) -> {
      String[] headers = Arrays.copyOfRange(request, 2, request.length);
      rows.put(name, outcome(request[0], request[1], headers));
    });
    StringBuilder table = new StringBuilder("| Operation | Answer |\n|---|---|\n");
    rows.forEach((name, answer) ->
        table.append("| ").append(name).append(" | ").append(answer).append(" |\n"));
    return table.toString();
  }

  private static String answer(String methodAndSubresource, String path) {
    int space = methodAndSubresource.indexOf(' ');
    String method = space < 0 ? methodAndSubresource : methodAndSubresource.substring(0, space);
    if (method.equals("OPTIONS")) {
      return "yes";
    }
    List<String> query = new ArrayList<>();
    if (space >= 0) {
      query.add(methodAndSubresource.substring(space + 1));
    }
    if (query.contains("uploadId")) {
      query.set(0, "uploadId=u");
      query.add("partNumber=1");
    }
    return outcome(method, query.isEmpty() ? path : path + "?" + String.join("&", query));
  }

  private static String outcome(String method, String target, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of("Content-Length", "0", "x-amz-object-attributes", "ETag"));
    S3Request request = Heads.parse(method, target, all.toArray(String[]::new));
    return switch (request) {
      case S3Request.NotImplemented _ -> "refused: 501 NotImplemented";
      case S3Request.GetUnsetConfiguration r ->
          r.what().root(false) == null
              ? "never set: 404 " + r.what().missing().wireName()
              : "never set: an empty document";
      case S3Request.DeleteUnsetConfiguration _ -> "never set: 204";
      case S3Request.LockOfObject _ -> "no bucket locks: 400 InvalidRequest";
      case S3Request.PutObjectLockConfiguration _ ->
          "refused: 409 InvalidBucketState without versions, 501 NotImplemented with them";
      case S3Request _ -> "yes";
    };
  }
}
