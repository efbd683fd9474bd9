package org.bybert.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.bybert.job.embed.EmbedOptions.OutputMode;
import org.bybert.job.embed.EmbedOptions.Repartition;
import org.bybert.job.embed.Manifest.Start;
import org.bybert.job.terminal.SmallFile;
import org.bybert.job.terminal.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run does about the one that the output holds. */
class StartTest {

    private static final OutputMode PLAIN = new OutputMode(false, false, false, false);
    private static final OutputMode OVERWRITE = new OutputMode(true, false, false, false);
    private static final OutputMode PARTITIONS = new OutputMode(false, true, false, false);
    private static final OutputMode RESUME = new OutputMode(false, false, true, false);
    private static final OutputMode RESUME_PARTITIONS = new OutputMode(false, true, true, false);

    private static final Manifest RUN = manifest("1.0 (commit aaaaaaa)", "sha256:1", "max", Repartition.AUTO, 7);
    private static final Manifest OTHER = manifest("1.0 (commit aaaaaaa)", "sha256:2", "max", Repartition.AUTO, 7);

    private static Manifest manifest(String version, String files, String pooling, int spread, int units) {
        return new Manifest(
                version,
                "in.parquet",
                files,
                "mini",
                Map.of("rope_theta", "1"),
                Map.of(),
                "f0",
                Map.of("pooling", pooling),
                spread,
                units,
                10,
                100);
    }

    private static String refusal(Manifest wanted, boolean complete, OutputMode mode) {
        UserError error = assertThrows(UserError.class, () -> Start.of(RUN, wanted, complete, mode));
        assertEquals(EmbedCommand.OUTPUT_TAKEN, error.exit());
        return error.getMessage();
    }

    @Test
    void whatIsThereDecides() {
        for (OutputMode mode : List.of(PLAIN, OVERWRITE, PARTITIONS, RESUME, RESUME_PARTITIONS)) {
            assertEquals(Start.FRESH, Start.of(null, RUN, false, mode));
        }
        for (boolean complete : new boolean[] {true, false}) {
            assertEquals(Start.REPLACE, Start.of(RUN, OTHER, complete, OVERWRITE));
            assertEquals(complete ? Start.NOTHING : Start.CONTINUE, Start.of(RUN, RUN, complete, RESUME));
            assertTrue(refusal(RUN, complete, PLAIN)
                    .contains(complete ? "holds results" : "an unfinished run, which --resume continues"));
            assertTrue(refusal(OTHER, complete, RESUME).contains(complete ? "holds a run" : "holds an unfinished run"));
        }
        assertEquals(Start.FRESH, Start.of(RUN, OTHER, true, PARTITIONS));
        assertEquals(Start.FRESH, Start.of(RUN, OTHER, true, RESUME_PARTITIONS));
        refusal(OTHER, false, PARTITIONS);
        refusal(OTHER, false, RESUME_PARTITIONS);
    }

    @Test
    void whatDiffersIsNamedAsItWasAndAsItIs() {
        assertEquals(List.of(), RUN.differences(manifest("1.0 (commit aaaaaaa)", "sha256:1", "max", 7, 0)));
        assertTrue(refusal(manifest("1.0 (commit bbbbbbb)", "sha256:1", "max", 7, 0), false, RESUME)
                .contains("code version: 1.0 (commit aaaaaaa), now 1.0 (commit bbbbbbb)"));
        assertEquals(
                List.of("--pooling: max, now cls", "--repartition: 7, now 8"),
                RUN.differences(manifest("1.0 (commit aaaaaaa)", "sha256:1", "cls", 8, 0)));
        assertEquals(
                List.of("--repartition: 7, now off"),
                RUN.differences(manifest("1.0 (commit aaaaaaa)", "sha256:1", "max", Repartition.OFF, 0)));
        assertEquals(
                List.of("the input's files (in.parquet) are not those of the run: names, lengths or times of "
                        + "change"),
                RUN.differences(OTHER));
        Manifest model = new Manifest(
                RUN.codeVersion(),
                "in.parquet",
                "sha256:1",
                "other",
                Map.of(),
                null,
                "f1",
                RUN.options(),
                Repartition.AUTO,
                0,
                0,
                0);
        assertEquals(
                List.of(
                        "the model's files (mini) are not those of the run (now other)",
                        "--model-option: {rope_theta=1}, now {}"),
                RUN.differences(model));
    }

    @Test
    void aManifestIsReadAsItWasWritten(@TempDir Path folder) throws IOException {
        FileSystem local = FileSystem.getLocal(new Configuration());
        Path file = folder.resolve("manifest.json");
        SmallFile.writeJson(local, new org.apache.hadoop.fs.Path(file.toUri()), RUN);
        assertEquals(RUN, SmallFile.readJson(local, new org.apache.hadoop.fs.Path(file.toUri()), Manifest.class));
        assertTrue(Files.readString(file).contains("\"code_version\" : \"1.0 (commit aaaaaaa)\""));
        Files.writeString(file, "[]");
        assertThrows(
                UserError.class,
                () -> SmallFile.readJson(local, new org.apache.hadoop.fs.Path(file.toUri()), Manifest.class));
    }
}
