package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bybert.job.Commands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LengthsBenchTest {

    @TempDir
    Path folder;

    private static Commands.Result run(Path file) {
        return Commands.run(
                "bench",
                "lengths",
                "--model",
                Commands.model(),
                "--data",
                "s=" + file,
                "--unit",
                "char",
                "--seeds",
                "1,2");
    }

    @Test
    void lengthsThatWinAreCountedBesideTheMostFrequentOne() throws IOException {
        Path file = Files.write(
                folder.resolve("s.txt"), List.of("川の水は冷たい。", "駅前の店で花を買った。", "", "a", "<mask>は青い。", "長".repeat(400)));
        Commands.Result result = run(file);
        assertEquals(0, result.exit(), result.out());
        String share = " +[0-9.]+ %";
        assertTrue(
                result.out()
                        .matches("(?s).*\\ns +[3-5] +char" + share + share + "\\ns +[3-5] +byte" + share + share
                                + "\\ns +[3-5] +\\(length known\\) +100\\.0 %" + share
                                + "\\ns +[3-5] +\\(always 3 bytes\\)" + share + " *\\n.*"),
                result.out());
        assertTrue(
                result.out()
                        .contains(
                                "texts of at most 600 bytes; 0 words of more than 24 bytes are left out, 0 could not"),
                result.out());
        assertEquals(result.out(), run(file).out());
        Commands.Result none = run(Files.write(folder.resolve("none.txt"), List.of(" ")));
        assertEquals(1, none.exit());
        assertTrue(none.out().contains("--data s: expected texts of at most 600 bytes"), none.out());
    }
}
