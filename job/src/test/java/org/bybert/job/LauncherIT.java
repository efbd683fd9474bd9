package org.bybert.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bybert.job.Launch.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher makes of the terminal that it finds. */
class LauncherIT {

    @TempDir
    Path folder;

    private Run fill(Map<String, String> environment) throws Exception {
        return Launch.start(folder, environment, "fill-mask", "--format", "table", "--text", "港の朝<mask>").await();
    }

    @Test
    void textIsUtf8WhateverTheLocaleSays() throws Exception {
        Run expected = fill(Map.of("LC_ALL", "C.UTF-8"));
        assertTrue(expected.out().contains("港の朝"), expected.out());
        for (Map<String, String> locale : List.of(Map.of("LANG", "ja_JP.UTF-8", "LC_ALL", ""),
                Map.of("LANG", "xx", "LC_ALL", ""), Map.of("LC_CTYPE", "ja_JP.eucJP", "LC_ALL", ""),
                Map.of("LANG", "C", "LC_ALL", ""))) {
            Run run = fill(locale);
            assertEquals(0, run.exit(), run.out());
            assertEquals(expected.out(), run.out(), locale.toString());
        }
        Run all = fill(Map.of("LC_ALL", "ja_JP.UTF-8"));
        // bash itself remarks on it.
        assertTrue(all.out().endsWith(expected.out()), all.out());
    }
}
