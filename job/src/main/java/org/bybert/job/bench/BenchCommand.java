package org.bybert.job.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** {@code bybert bench}: measurements of the encoder itself, in a JVM of its own, and of what Spark adds to it. */
@Command(name = "bench",
        description = {
            "Measures how fast the encoder is on this machine, as a fraction of what its cores can do at most, and how "
                + "much of that remains under Spark.",
            ""},
        subcommands = {EncoderBenchCommand.class, TokenizerBenchCommand.class, SparkBenchCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "encoder/PERFORMANCE.md tells how to read the figures."})
public final class BenchCommand implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected encoder, tokenizer or spark");
    }
}
