package org.bybert.job.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.job.bench.Rounds.Pace;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.UserError;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code bybert bench}: measurements of the encoder itself, in a JVM of its own, and of what Spark adds to it. */
@Command(
        name = "bench",
        description = {
            "Measures how fast the encoder is on this machine, as a fraction of what its cores can do at most, and how "
                    + "much of that remains under Spark; what candidates of gaps cost, and how often gaps of unknown length get the "
                    + "right one.",
            ""
        },
        subcommands = {
            EncoderBenchCommand.class,
            TokenizerBenchCommand.class,
            SegmenterBenchCommand.class,
            CandidatesBenchCommand.class,
            LengthsBenchCommand.class,
            SparkBenchCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "encoder/PERFORMANCE.md tells how to read the figures."})
public final class BenchCommand implements Runnable {

    @CommandLine.Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "expected encoder, tokenizer, segmenter, candidates, lengths or spark");
    }

    /** The options that give a model with random weights its shape. */
    static final class Shape {

        @Option(
                names = "--preset",
                paramLabel = "NAME",
                defaultValue = "bybert-jp-100m",
                description = "Shape, with random weights: bybert-jp-100m, -200m, -400m or -v2-100m "
                        + "(default: ${DEFAULT-VALUE}).")
        private String preset;

        @Option(names = "--layers", paramLabel = "N", description = "Cuts the model to its first N layers.")
        Integer layers;

        /** @throws UserError where there is no such preset */
        Preset preset() {
            return ModelOptions.preset(preset);
        }

        /**
         * A shape with the layers that were asked for.
         *
         * @param usual number of layers where none was
         * @throws UserError where the shape has fewer
         */
        ModelConfig cut(ModelConfig config, int usual) {
            int wanted = layers == null ? usual : layers;
            if (wanted < 1 || wanted > config.layers()) {
                throw wrong("--layers: expected 1 to " + config.layers() + ", found " + wanted);
            }
            return wanted == config.layers() ? config : config.with(wanted, config.ropeTheta());
        }
    }

    /** Options that say how long to measure. */
    static final class Pacing {

        @Option(
                names = "--rounds",
                paramLabel = "N",
                defaultValue = "5",
                description = "Rounds in which everything is measured in turn (default: ${DEFAULT-VALUE}).")
        private int rounds;

        @Option(
                names = "--seconds",
                paramLabel = "S",
                defaultValue = "0.3",
                description = "Each measurement in a round lasts at least this long (default: ${DEFAULT-VALUE}).")
        private double seconds;

        @Option(
                names = "--warm-up",
                paramLabel = "S",
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

    /** The option that says where the figures go. */
    static final class Output {

        @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
        private CommandSpec spec;

        @Option(names = "--out", paramLabel = "FILE", description = "Receives the figures as JSON.")
        private Path out;

        /** Before anything is measured, so that a wrong folder costs no time. */
        void check() {
            if (out != null && !Files.isDirectory(out.toAbsolutePath().getParent())) {
                throw wrong("--out " + out + ": its folder does not exist");
            }
        }

        /** Prints the report and writes it where that is asked for. */
        void give(String text, Object report) {
            spec.commandLine().getOut().print(text);
            spec.commandLine().getOut().flush();
            try {
                if (out != null) {
                    Files.writeString(out, BenchReport.json(report) + '\n');
                }
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
