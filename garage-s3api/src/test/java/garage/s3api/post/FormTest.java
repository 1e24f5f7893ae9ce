package garage.s3api.post;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.http.BodyStream;
import garage.s3api.request.ObjectName;
import org.junit.jupiter.api.Test;

/** What stands before the file of a form. */
class FormTest {
  @Test
  void theFilesNameIsPutIntoTheKeyWithoutItsPath() {
    assertEquals("a/x.jpg/x.jpg", key("a/${filename}/${filename}", "C:\\photos\\x.jpg"));
  }

  @Test
  void aLongNameThatIsNamedOftenIsNotWrittenOutAsOften() {
    String key = key("${filename}".repeat(800), "n".repeat(9_000));
    assertTrue(key.length() > ObjectName.KEY_BYTES_MAX, "it stays too long for a key");
    assertTrue(key.length() < 1_000_000, "it takes " + key.length() + " characters");
  }

  private static String key(String key, String fileName) {
    String form =
        """
        --b
        Content-Disposition: form-data; name="key"

        %s
        --b
        Content-Disposition: form-data; name="file"; filename="%s"

        """
            .formatted(key, fileName)
            .replace("\n", "\r\n");
    FormReader reader =
        new FormReader(BodyStream.of(form.getBytes(UTF_8)), "multipart/form-data; boundary=b");
    return Form.read(reader).require("key", "key");
  }
}
