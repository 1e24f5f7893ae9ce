package garage.s3api.xml;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import garage.common.check.Invariant;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.function.Consumer;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads a document a client sent, in one pass and with limits on its depth and number of elements;
 * its size was limited when the body was read. Document types, and so entities of any kind, are
 * refused at the first sight of one. Names are compared without their namespace: clients disagree
 * on it. Whatever is wrong is {@link S3ErrorCode#MALFORMED_XML}.
 */
final class XmlReader {
  /** The documents S3 defines are at most 4 deep. */
  private static final int DEPTH_MAX = 16;

  /** Ten thousand parts with a number, a tag and several checksums each. */
  private static final int ELEMENTS_MAX = 100_000;

  /**
   * Making one costs more than reading most documents. The JDK's own, once it is configured, makes
   * readers for any number of tasks at once.
   */
  private static final XMLInputFactory FACTORY = factory();

  private static final char BYTE_ORDER_MARK = '\uFEFF';
  private static final char MARK_SWAPPED = '\uFFFE';

  private final XMLStreamReader in;
  private int depth;
  private int elements;

  private XmlReader(XMLStreamReader in) {
    this.in = in;
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty("jdk.xml.dtd.support", "deny");
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    return factory;
  }

  /** Reads a document whose root must have this name: {@code child} gets each child's name. */
  static void read(byte[] document, String root, XmlContent child) {
    try {
      XMLStreamReader in = FACTORY.createXMLStreamReader(new StringReader(decoded(document)));
      XmlReader reader = new XmlReader(in);
      reader.root(root);
      reader.children(name -> child.accept(reader, name));
      reader.end();
      in.close();
    } catch (XMLStreamException | RuntimeXmlException e) {
      throw malformed();
    }
  }

  /**
   * The text of a document, which is UTF-8, or UTF-16 if it begins with that one's mark. The parser
   * is not given the bytes: where they are no text it writes a line to the standard error, whoever
   * sent them.
   */
  private static String decoded(byte[] document) {
    int mark = document.length < 2 ? 0 : ((document[0] & 0xFF) << 8) | (document[1] & 0xFF);
    Charset charset = mark == BYTE_ORDER_MARK || mark == MARK_SWAPPED ? UTF_16 : UTF_8;
    try {
      String text = charset.newDecoder().decode(ByteBuffer.wrap(document)).toString();
      return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw malformed();
    }
  }

  /** Gives the name of each child of the current element, which must be consumed at once. */
  void children(Consumer<String> child) {
    while (true) {
      int event = next();
      if (event == XMLStreamConstants.END_ELEMENT) {
        depth--;
        return;
      }
      if (event == XMLStreamConstants.START_ELEMENT) {
        int before = depth;
        enter();
        child.accept(in.getLocalName());
        Invariant.check(depth == before, "a child element was not consumed");
      } else if (!in.isWhiteSpace()) {
        throw malformed();
      }
    }
  }

  /** The value of an attribute of the element that begins here; null if it has none. */
  @Nullable String attribute(String name) {
    for (int i = 0; i < in.getAttributeCount(); i++) {
      if (in.getAttributeLocalName(i).equals(name)) {
        return in.getAttributeValue(i);
      }
    }
    return null;
  }

  /** Consumes the current element, which must hold text only. */
  String text() {
    StringBuilder text = new StringBuilder();
    while (true) {
      int event = next();
      if (event == XMLStreamConstants.END_ELEMENT) {
        depth--;
        return text.toString();
      }
      if (event == XMLStreamConstants.START_ELEMENT) {
        throw malformed();
      }
      text.append(in.getText());
    }
  }

  /** Consumes the current element whatever it holds. */
  void skip() {
    int outer = depth - 1;
    while (depth > outer) {
      int event = next();
      if (event == XMLStreamConstants.START_ELEMENT) {
        enter();
      } else if (event == XMLStreamConstants.END_ELEMENT) {
        depth--;
      }
    }
  }

  static S3Exception malformed() {
    return S3ErrorCode.MALFORMED_XML.exception();
  }

  private void root(String name) {
    while (next() != XMLStreamConstants.START_ELEMENT) {
      // a comment or white space before the root
    }
    if (!in.getLocalName().equals(name)) {
      throw malformed();
    }
    enter();
  }

  private void end() throws XMLStreamException {
    while (in.hasNext()) {
      in.next(); // trailing garbage is an XMLStreamException
    }
  }

  private void enter() {
    depth++;
    elements++;
    if (depth > DEPTH_MAX || elements > ELEMENTS_MAX) {
      throw malformed();
    }
  }

  /** The next start, end or text; comments and instructions do not count. */
  private int next() {
    try {
      while (in.hasNext()) {
        int event = in.next();
        switch (event) {
          case XMLStreamConstants.START_ELEMENT,
              XMLStreamConstants.END_ELEMENT,
              XMLStreamConstants.CHARACTERS,
              XMLStreamConstants.CDATA,
              XMLStreamConstants.SPACE -> {
            return event;
          }
          case XMLStreamConstants.COMMENT, XMLStreamConstants.PROCESSING_INSTRUCTION -> {}
          default -> throw malformed();
        }
      }
      throw malformed();
    } catch (XMLStreamException e) {
      throw new RuntimeXmlException(e);
    }
  }

  /** Handles one child, named {@code name}, by consuming it from {@code xml}. */
  interface XmlContent {
    void accept(XmlReader xml, String name);
  }

  /** Carries the parser's checked exception through lambdas. */
  private static final class RuntimeXmlException extends RuntimeException {
    RuntimeXmlException(XMLStreamException cause) {
      super(null, cause, false, false);
    }
  }
}
