package garage.s3api.xml;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a document byte for byte as AWS does, which no StAX writer can: quotes are escaped in
 * text, and a character that XML 1.0 has no form for is written as a numeric reference all the
 * same. A client that parses strictly asks for {@code encoding-type=url} instead.
 */
final class XmlWriter {
  private static final String NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
  private static final String SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance";
  private final StringBuilder out = new StringBuilder(512);
  private final Deque<String> open = new ArrayDeque<>();

  private XmlWriter() {
    out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  }

  /** The document with this root in S3's namespace. */
  static byte[] document(String root, Consumer<XmlWriter> content) {
    XmlWriter xml = new XmlWriter();
    xml.out.append('<').append(root).append(" xmlns=\"").append(NAMESPACE).append("\">");
    return xml.finish(root, content);
  }

  /** The document with this root and no namespace, as errors are. */
  static byte[] plainDocument(String root, Consumer<XmlWriter> content) {
    XmlWriter xml = new XmlWriter();
    xml.out.append('<').append(root).append('>');
    return xml.finish(root, content);
  }

  private byte[] finish(String root, Consumer<XmlWriter> content) {
    content.accept(this);
    if (!open.isEmpty()) {
      throw new IllegalStateException("an element is still open: " + open);
    }
    out.append("</").append(root).append('>');
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** An element with elements in it. */
  XmlWriter element(String name, Consumer<XmlWriter> content) {
    out.append('<').append(name).append('>');
    open.push(name);
    content.accept(this);
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** An element with elements in it, of a type of XML Schema. */
  XmlWriter typed(String name, String type, Consumer<XmlWriter> content) {
    out.append('<').append(name).append(" xmlns:xsi=\"").append(SCHEMA_INSTANCE);
    out.append("\" xsi:type=\"").append(type).append("\">");
    open.push(name);
    content.accept(this);
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** One element for each item. */
  <T> XmlWriter each(String name, Collection<T> items, BiConsumer<XmlWriter, T> content) {
    for (T item : items) {
      element(name, xml -> content.accept(xml, item));
    }
    return this;
  }

  /** An element with text; an empty one is written {@code <name/>}. */
  XmlWriter leaf(String name, String text) {
    if (text.isEmpty()) {
      out.append('<').append(name).append("/>");
      return this;
    }
    out.append('<').append(name).append('>');
    escape(text);
    out.append("</").append(name).append('>');
    return this;
  }

  /** An element with a number. */
  XmlWriter leaf(String name, long number) {
    out.append('<').append(name).append('>').append(number).append("</").append(name).append('>');
    return this;
  }

  /** An element with {@code true} or {@code false}. */
  XmlWriter leaf(String name, boolean value) {
    return leaf(name, Boolean.toString(value));
  }

  /** An element with text, or nothing for null. */
  XmlWriter optional(String name, @Nullable String text) {
    return text == null ? this : leaf(name, text);
  }

  /** The text of the root itself. */
  XmlWriter text(String text) {
    escape(text);
    return this;
  }

  private void escape(String text) {
    int written = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isPlain(c)) {
        continue; // goes with its neighbours
      }
      out.append(text, written, i);
      written = i + 1;
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\r' -> out.append("&#13;");
        default -> reference(c);
      }
    }
    out.append(text, written, text.length());
  }

  private static boolean isPlain(char c) {
    return switch (c) {
      case '&', '<', '>', '"', '\ufffe', '\uffff' -> false;
      case '\t', '\n' -> true;
      default -> c >= ' ';
    };
  }

  private void reference(char c) {
    out.append("&#x").append(Integer.toHexString(c)).append(';');
  }
}
