package org.bybert.job.terminal;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What comes with the project, below the folder that the launcher names in {@code BYBERT_HOME}. */
public final class Bundled {

    private Bundled() {}

    public static String model() {
        return samples("--model").resolve("bybert-jp-mini").toString();
    }

    /** Paths by name. */
    public static Map<String, String> sets() {
        Path samples = samples("--data");
        return new TreeMap<>(Map.of(
                "ichikara-style", local(samples.resolve("ichikara-style.jsonl")),
                "wiki-style", local(samples.resolve("wiki-style.jsonl"))));
    }

    /** With its scheme, since a cluster's default file system may be another; Hadoop wants it without %-escapes. */
    private static String local(Path path) {
        return "file://" + path.toAbsolutePath();
    }

    private static Path samples(String option) {
        String home = System.getenv("BYBERT_HOME");
        if (home == null) {
            throw new UserError(option + " is missing, and BYBERT_HOME, where the bundled one would be, is not set; "
                    + "job/bin/bybert sets it");
        }
        return Path.of(home, "data-samples");
    }
}
