package org.bybert.encoder.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.bybert.encoder.Golden;
import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintTest {

    @TempDir
    Path folder;

    private Path copyOf(String golden) throws IOException {
        Path copy = Files.createDirectories(folder.resolve(golden));
        for (String name : ModelFiles.list(Golden.folder(golden))) {
            Files.copy(Golden.folder(golden).resolve(name), copy.resolve(name));
        }
        return copy;
    }

    @Test
    void aCopyHasTheSameAndAChangedByteAnother() throws IOException {
        for (String golden : new String[] {"utf8-bf16", "sharded-f32"}) {
            String original = Fingerprint.of(Golden.folder(golden));
            Path copy = copyOf(golden);
            Files.writeString(copy.resolve("README.md"), "not read by the loader");
            assertEquals(original, Fingerprint.of(copy));
            for (String name : ModelFiles.list(copy)) {
                byte[] bytes = Files.readAllBytes(copy.resolve(name));
                byte[] changed = bytes.clone();
                // The last byte, blank in JSON: an index must stay readable for its shards to be found.
                changed[changed.length - 1] = (byte) (name.endsWith(".json") ? ' ' : changed[changed.length - 1] ^ 1);
                if (changed[changed.length - 1] == bytes[bytes.length - 1] || name.endsWith("index.json")) {
                    continue;
                }
                write(copy.resolve(name), changed, 1);
                assertNotEquals(original, Fingerprint.of(copy), name);
                write(copy.resolve(name), bytes, 2);
            }
            assertEquals(original, Fingerprint.of(copy));
        }
    }

    /** With a time of its own, as two writes may fall into one tick of the clock. */
    private static void write(Path file, byte[] bytes, int second) throws IOException {
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1000L * second));
    }

    @Test
    void itIsTheHashOfTheLinesThatSha256sumWouldGive() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        String line = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a  2  config.json\n";
        assertEquals(Fingerprint.sha256(line.getBytes(StandardCharsets.UTF_8)), Fingerprint.of(folder));
    }

    @Test
    void aBlobThatIsNotWhatItsNameSaysIsDamaged() throws IOException {
        Path blob = Files.writeString(folder.resolve("a".repeat(64)), "x");
        Path model = Files.createDirectory(folder.resolve("model"));
        Files.createSymbolicLink(model.resolve("config.json"), blob);
        String message =
                assertThrows(ModelException.class, () -> Fingerprint.of(model)).getMessage();
        assertTrue(message.contains("damaged") && message.contains("delete this file"), message);
    }
}
