package garage.s3api.xml;

import garage.common.hash.ChecksumAlgorithm;
import java.util.List;

/** The element {@code <ChecksumCRC32>} and its kin; {@code value} may end in {@code -N}. */
public record ChecksumField(ChecksumAlgorithm algorithm, String value) {
  static void writeAll(XmlWriter xml, List<ChecksumField> fields) {
    for (ChecksumField field : fields) {
      xml.leaf("Checksum" + field.algorithm.name(), field.value);
    }
  }
}
