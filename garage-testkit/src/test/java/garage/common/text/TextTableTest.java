package garage.common.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Columns under each other. */
class TextTableTest {
  @Test
  void columnsAreAsWideAsTheirWidestCellAndTwoSpaces() {
    assertEquals(
        "ID    Name  Zone\na     long  x\nlong\n\nlast  c     d\n",
        new TextTable()
            .row("ID", "Name", "Zone")
            .row("a", "long", "x")
            .row("long", "", "")
            .blank()
            .row("last", "c", "d")
            .toString());
  }

  @Test
  void charactersAreCountedAndNotBytes() {
    assertEquals(
        "\u00e4\u00f6  x\n\ud83d\ude00   y\n",
        new TextTable().row("\u00e4\u00f6", "x").row("\ud83d\ude00", "y").toString());
  }
}
