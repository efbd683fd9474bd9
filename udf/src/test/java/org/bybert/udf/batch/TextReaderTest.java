package org.bybert.udf.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.TestModel;
import org.junit.jupiter.api.Test;

class TextReaderTest {

    private static final ByteTokenizer TOKENIZER = TestModel.reference().check().tokenizer();

    private static ReadText read(String text, int maxBytes, LongText longText) {
        return new TextReader(TOKENIZER, 3072, BatchOptions.DEFAULTS.withLimit(maxBytes, longText)).read(text);
    }

    private static List<String> pieces(ReadText read) {
        List<String> pieces = new ArrayList<>();
        read.pieces().forEachRemaining(ids -> pieces.add(TOKENIZER.decode(ids)));
        return pieces;
    }

    @Test
    void windowsCoverTheTextAndOverlapBetweenCharacters() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            text.appendCodePoint("あa𠮷é🍊".codePointAt(i % 3)).append(i).append(i % 20 == 0 ? "<mask>" : "");
        }
        for (int maxBytes : new int[] {4, 7, 16, 64, 100, 1000}) {
            ReadText read = read(text.toString(), maxBytes, LongText.SPLIT);
            int covered = 0;
            int before = -1;
            for (String piece : pieces(read)) {
                int start = text.indexOf(piece, before + 1);
                assertTrue(start > before && start <= covered, piece + " at " + start + " after " + covered);
                assertTrue(TOKENIZER.encode(piece).length <= maxBytes + 1, piece);
                assertTrue(maxBytes < 64 || before < 0 || start <= covered - maxBytes / 16, "no overlap: " + piece);
                before = start;
                covered = start + piece.length();
            }
            assertEquals(text.length(), covered);
        }
    }

    @Test
    void theLimitCountsTheTextsOwnBytes() {
        assertEquals(List.of("海と"), pieces(read("海と", 6, LongText.ERROR)));
        assertEquals("too long: 7 tokens, the limit is 6", read("海と", 5, LongText.ERROR).error());
        assertEquals(List.of("海"), pieces(read("海と", 5, LongText.TRUNCATE)));
        assertEquals(List.of("海<mask><mask>"), pieces(read("海<mask><mask>", 5, LongText.ERROR)));
        assertEquals(List.of(""), pieces(read("", 4, LongText.ERROR)));
        assertTrue(read("a\uDE00", 9, LongText.ERROR).repaired());
    }

    @Test
    void aModelWithoutRoomIsRefused() {
        assertThrows(ModelException.class, () -> new TextReader(TOKENIZER, 4, BatchOptions.DEFAULTS));
        assertThrows(IllegalArgumentException.class, () -> BatchOptions.DEFAULTS.withLimit(3, LongText.SPLIT));
    }

    @Test
    void aTextColumnHoldsStrings() {
        StructType schema = new StructType().add("Body", DataTypes.StringType).add("n", DataTypes.IntegerType);
        assertEquals(0, TextColumn.index(schema, "body"));
        assertEquals("column n: expected string, found int; cast it, e.g. CAST(`n` AS STRING)",
                assertThrows(IllegalArgumentException.class, () -> TextColumn.index(schema, "n")).getMessage());
        assertEquals("column text: expected one of [Body, n], found none of this name",
                assertThrows(IllegalArgumentException.class, () -> TextColumn.index(schema, "text")).getMessage());
        assertThrows(IllegalArgumentException.class, () -> EmbedPartition.schema(schema.add("Error", "int")));
    }
}
