package org.bybert.encoder.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class TileGeneratorTest {

    @Test
    void theTilesAreWhatTheGeneratorWrites() throws IOException {
        assertEquals(TileGenerator.tile12x2(), Files.readString(TileGenerator.FOLDER.resolve("Tile12x2.java")));
        assertEquals(TileGenerator.tile6x2(), Files.readString(TileGenerator.FOLDER.resolve("Tile6x2.java")));
    }
}
