package org.bybert.job.inspect;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.SmallFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code bybert inspect}. */
@Command(
        name = "inspect",
        description = {
            "Shows what a model is, where each of its settings comes from and what memory it needs, and measures on a "
                    + "few Japanese sentences how it was trained: which byte encoding, with or without an end-of-sequence "
                    + "token, and, where config.json does not say, which rope_theta. Needs no Spark.",
            ""
        },
        sortOptions = false,
        footer = {"", "Example: bybert inspect --model DIR --preset bybert-jp-v2-100m --model-option rope_theta=20000"})
public final class InspectCommand implements Callable<Integer> {

    /** How the result is printed. */
    enum Format {
        TEXT,
        JSON
    }

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() {
        Inspection inspection = new Inspector(model.reference()).inspect(model.detects());
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                format == Format.TEXT
                        ? InspectionText.of(inspection)
                        : SmallFile.MAPPER.valueToTree(inspection).toPrettyString() + '\n');
        out.flush();
        return CommandLine.ExitCode.OK;
    }
}
