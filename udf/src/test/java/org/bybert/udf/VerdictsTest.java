package org.bybert.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.bybert.encoder.Version;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.detect.Measured;
import org.bybert.encoder.model.ModelFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictsTest {

    private static final Version RELEASE = new Version("1.0.0", "0123456789ab", false);

    @TempDir
    Path folder;

    private Path cache;
    private ModelFolder model;
    /** Of its own for each test, as a JVM does not forget. */
    private final String fingerprint = UUID.randomUUID().toString();

    @BeforeEach
    void strip() throws IOException {
        cache = folder.resolve("cache");
        model = ModelFolder.read(TestModel.stripped("bit-prefix-eos", folder.resolve("model")), Map.of(), Preset.NONE);
    }

    private Measured measured(Path cache, Version version, String fingerprint) {
        return new Verdicts(Map.of("BYBERT_CACHE", cache.toString()), version)
                .of(model, Measured.open(model), fingerprint);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(cache.resolve("verdicts"))) {
            return files.toList();
        }
    }

    /** As another JVM would, which has not measured yet: the file is read. */
    private void rewrite(String from, String to) throws IOException {
        Path file = files().get(0);
        Files.writeString(file, Files.readString(file).replace(from, to));
    }

    @Test
    void aVerdictIsKeptAndReadAgain() throws IOException {
        Measured first = measured(cache, RELEASE, fingerprint);
        assertEquals("bit-prefix", first.options().get("byte_encoding"));
        String other = UUID.randomUUID().toString();
        rewrite(fingerprint, other);
        rewrite("bit-prefix, measured", "kept, measured");
        Path file = files().get(0);
        Files.move(file, file.resolveSibling(file.getFileName().toString().replace(fingerprint, other)));
        Measured kept = measured(cache, RELEASE, other);
        assertTrue(kept.findings().toString().contains("kept, measured"), kept::toString);
        assertEquals(first.options(), kept.options());
    }

    @Test
    void whatIsCorruptOrAnotherVersionsIsMeasuredAgain() throws IOException {
        Measured first = measured(cache, RELEASE, fingerprint);
        Path file = files().get(0);
        String good = Files.readString(file);
        for (String bad : List.of(
                "",
                "{",
                "[]",
                "{\"about\": null, \"measured\": null}",
                good.substring(0, 200),
                good.replace("1.0.0", "0.9.0").replace("bit-prefix", "utf-8"),
                good.replace(fingerprint, "0").replace("bit-prefix", "utf-8"))) {
            String other = UUID.randomUUID().toString();
            Files.writeString(
                    file.resolveSibling(file.getFileName().toString().replace(fingerprint, other)),
                    bad.replace(fingerprint, other));
            assertEquals(first, measured(cache, RELEASE, other), bad);
        }
    }

    @Test
    void withoutAFolderToWriteInItIsMeasured() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Measured measured = measured(file.resolve("below"), RELEASE, fingerprint);
        assertEquals("bit-prefix", measured.options().get("byte_encoding"));
    }

    @Test
    void aProgramThatDoesNotKnowItsVersionKeepsNothing() {
        measured(cache, new Version(null, null, false), fingerprint);
        measured(
                cache,
                new Version("1.0.0", "0123456789ab", true),
                UUID.randomUUID().toString());
        assertTrue(Files.notExists(cache.resolve("verdicts")));
    }
}
