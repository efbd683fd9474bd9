package org.bybert.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bybert.job.Launch.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher makes of the terminal that it finds. */
class LauncherIT {

    @TempDir
    Path folder;

    /** Also: what the JVM warns of at each start is not on the terminal. */
    @Test
    void ctrlCReleasesTheOutputAndSaysHowToGoOn() throws Exception {
        Path input = folder.resolve("in.jsonl");
        Files.write(
                input,
                IntStream.range(0, 400)
                        .mapToObj(i -> "{\"id\":" + i + ",\"text\":\"港の朝" + i + "\"}")
                        .toList());
        Path output = folder.resolve("out");
        Launch embed = Launch.start(
                folder,
                "embed",
                "--master",
                "local[1]",
                "--input",
                input.toString(),
                "--text-expr",
                "if(reflect('java.lang.Thread', 'sleep', 100L) IS NULL, '', text)",
                "--id-column",
                "id",
                "--resume",
                "--output",
                output.toString());
        while (!Files.exists(output.resolve("_bybert/lock")) || !embed.output().contains("measuring")) {
            assertTrue(embed.process().isAlive(), embed.output());
            TimeUnit.MILLISECONDS.sleep(100);
        }
        new ProcessBuilder("kill", "-INT", String.valueOf(embed.process().pid()))
                .start()
                .waitFor();
        Run run = embed.await();
        assertEquals(130, run.exit(), run.out());
        assertEquals(
                "bybert: interrupted; run the same command again with --resume to go on",
                run.out().lines().reduce("", (before, line) -> line));
        assertTrue(run.out().lines().allMatch(line -> line.startsWith("bybert: ")), run.out());
        assertFalse(Files.exists(output.resolve("_bybert/lock")));
    }

    private Run fill(Map<String, String> environment) throws Exception {
        return Launch.start(folder, environment, "fill-mask", "--format", "table", "--text", "港の朝<mask>")
                .await();
    }

    @Test
    void textIsUtf8WhateverTheLocaleSays() throws Exception {
        Run expected = fill(Map.of("LC_ALL", "C.UTF-8"));
        assertTrue(expected.out().contains("港の朝"), expected.out());
        for (Map<String, String> locale : List.of(
                Map.of("LANG", "ja_JP.UTF-8", "LC_ALL", ""),
                Map.of("LANG", "xx", "LC_ALL", ""),
                Map.of("LC_CTYPE", "ja_JP.eucJP", "LC_ALL", ""),
                Map.of("LANG", "C", "LC_ALL", ""))) {
            Run run = fill(locale);
            assertEquals(0, run.exit(), run.out());
            assertEquals(expected.out(), run.out(), locale.toString());
        }
        Run all = fill(Map.of("LC_ALL", "ja_JP.UTF-8"));
        // bash itself remarks on it.
        assertTrue(all.out().endsWith(expected.out()), all.out());
    }

    @Test
    void temporaryFilesNeedAPlace() throws Exception {
        Path missing = folder.resolve("missing");
        Run run = Launch.start(folder, Map.of("TMPDIR", missing.toString()), "evaluate")
                .await();
        assertEquals(1, run.exit(), run.out());
        assertEquals(
                "bybert: " + missing + ": expected a folder for temporary files that can be written; "
                        + "name another one, e.g. TMPDIR=/var/tmp\n",
                run.out());
    }
}
