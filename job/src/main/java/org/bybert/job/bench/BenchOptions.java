package org.bybert.job.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bybert.job.UserError;
import org.bybert.job.bench.Rounds.Pace;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Options that several benchmarks share. */
final class BenchOptions {

    private BenchOptions() {
    }

    /** How long to measure. */
    static final class Pacing {

        @Option(names = "--rounds", paramLabel = "N", defaultValue = "5",
                description = "Rounds in which everything is measured in turn (default: ${DEFAULT-VALUE}).")
        private int rounds;

        @Option(names = "--seconds", paramLabel = "S", defaultValue = "0.3",
                description = "Each measurement in a round lasts at least this long (default: ${DEFAULT-VALUE}).")
        private double seconds;

        @Option(names = "--warm-up", paramLabel = "S",
                description = "Before the first round each runs this long, for the JIT compiler (default: 3; 1 for the "
                    + "tokenizer).")
        private Double warmUp;

        /** @param usualWarmUp seconds where the user names none */
        Pace pace(double usualWarmUp) {
            try {
                return new Pace(rounds, seconds, warmUp == null ? usualWarmUp : warmUp);
            } catch (IllegalArgumentException e) {
                throw wrong("--rounds, --seconds, --warm-up: " + e.getMessage());
            }
        }
    }

    /** Where the figures go. */
    static final class Output {

        @Option(names = "--out", paramLabel = "FILE", description = "Receives the figures as JSON.")
        private Path out;

        /** Before anything is measured, so that a wrong folder costs no time. */
        void check() {
            if (out != null && !Files.isDirectory(out.toAbsolutePath().getParent())) {
                throw wrong("--out " + out + ": its folder does not exist");
            }
        }

        void write(Object report) {
            if (out == null) {
                return;
            }
            try {
                Files.writeString(out, BenchReport.json(report) + '\n');
            } catch (IOException e) {
                throw new UserError("--out " + out + ": cannot be written: " + e, e);
            }
        }
    }

    /** For an option that cannot be meant. */
    static UserError wrong(String message) {
        return new UserError(CommandLine.ExitCode.USAGE, message);
    }
}
