package garage.s3api.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.check.Invariant.InvariantViolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The table of error codes, and its copy in the reference. */
class ErrorTableTest {
  private static final Path PAGE = Path.of("..", "docs", "reference", "s3-compatibility.md");
  private static final String BEGIN = "<!-- errors: made by ErrorTableTest -->\n";
  private static final String END = "<!-- end of errors -->\n";

  @Test
  void theReferenceShowsEveryCode() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    for (S3ErrorCode code : S3ErrorCode.values()) {
      String fields = code.fields().isEmpty() ? "" : '`' + String.join("`, `", code.fields()) + '`';
      rows.put(
          code.wireName(),
          "| `%s` | %d | %s |\n".formatted(code.wireName(), code.status(), fields));
    }
    StringBuilder table = new StringBuilder("| Code | Status | Elements |\n|---|---|---|\n");
    rows.values().forEach(table::append);
    String page = Files.readString(PAGE);
    int from = page.indexOf(BEGIN) + BEGIN.length();
    String shown = page.substring(from, page.indexOf(END));
    assertEquals(table.toString(), shown, "write the expected text into " + PAGE);
  }

  @Test
  void noTwoErrorsAreOfTheSameName() {
    Set<String> names = new HashSet<>();
    for (S3ErrorCode code : S3ErrorCode.values()) {
      assertTrue(names.add(code.wireName()), code.wireName());
      assertTrue(code.message().length() > 2, code.wireName());
    }
  }

  @Test
  void anErrorHasNoElementsButThoseOfItsCode() {
    assertEquals("k", S3ErrorCode.NO_SUCH_KEY.error().with("Key", "k").fields().get(0).value());
    assertThrows(InvariantViolation.class, () -> S3ErrorCode.NO_SUCH_KEY.error().with("Size", "1"));
  }
}
