package org.bybert.job;

import java.nio.file.Path;
import java.util.List;
import org.bybert.job.data.DataSet;

/** What comes with the project, below the folder that the launcher names in {@code BYBERT_HOME}. */
public final class Bundled {

    private Bundled() {
    }

    public static String model() {
        return samples("--model").resolve("bybert-jp-mini").toString();
    }

    public static List<DataSet> sets() {
        Path samples = samples("--data");
        return List.of(
                new DataSet("ichikara-style", local(samples.resolve("ichikara-style.jsonl"))),
                new DataSet("wiki-style", local(samples.resolve("wiki-style.jsonl"))));
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
