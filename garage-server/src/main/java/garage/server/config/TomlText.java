package garage.server.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.toml.TomlFactory;
import garage.common.error.GarageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A TOML file as plain maps, lists, strings, numbers and booleans, which remembers its lines so
 * that a complaint about a key can name where it is. Jackson's token stream is used without its
 * data binding, whose start-up time every command would pay.
 */
final class TomlText {
  private static final Pattern SECTION = Pattern.compile("\\s*\\[\\[?\\s*([^\\]]+?)\\s*\\]\\]?.*");
  private static final Pattern ASSIGNMENT = Pattern.compile("\\s*([A-Za-z0-9_.\"-]+)\\s*=.*");

  private final String file;
  private final List<String> lines;
  private final Map<String, Object> root;

  /** {@code file} is what messages call it. */
  TomlText(String file, String text) {
    this.file = file;
    this.lines = text.lines().toList();
    this.root = parse(text);
  }

  Map<String, Object> root() {
    return root;
  }

  /** A failure about the key of this full name, with its line where that can be found. */
  GarageException.InvalidInput invalid(String key, String problem) {
    int line = lineOf(key);
    String place = line == 0 ? file : file + ", line " + line;
    return new GarageException.InvalidInput(place + ": " + problem);
  }

  /** The line that sets a key, from 1; 0 if it is written in some other way. */
  int lineOf(String key) {
    String section = "";
    for (int i = 0; i < lines.size(); i++) {
      Matcher header = SECTION.matcher(lines.get(i));
      if (header.matches()) {
        section = header.group(1) + ".";
        if (header.group(1).equals(key)) {
          return i + 1;
        }
        continue;
      }
      Matcher assignment = ASSIGNMENT.matcher(lines.get(i));
      if (assignment.matches() && (section + assignment.group(1).replace("\"", "")).equals(key)) {
        return i + 1;
      }
    }
    return 0;
  }

  private Map<String, Object> parse(String text) {
    try (JsonParser parser = new TomlFactory().createParser(text)) {
      parser.nextToken();
      return object(parser);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      String place = line <= 0 ? file : file + ", line " + line;
      throw new GarageException.InvalidInput(place + ": " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new GarageException.StorageFailed("cannot read " + file, e);
    }
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, value(parser));
    }
    return members;
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_STRING, VALUE_EMBEDDED_OBJECT -> parser.getText();
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_NULL ->
          throw new GarageException.InvalidInput("not a TOML value: " + parser.currentToken());
    };
  }

  private static List<Object> array(JsonParser parser) throws IOException {
    List<Object> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value(parser));
    }
    return items;
  }
}
