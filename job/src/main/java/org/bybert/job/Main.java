package org.bybert.job;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.bybert.job.bench.BenchCommand;
import org.bybert.job.bench.MakeCheckpointCommand;
import org.bybert.job.embed.EmbedCommand;
import org.bybert.job.evaluate.EvaluateCommand;
import org.bybert.job.fillmask.FillMaskCommand;
import org.bybert.job.inspect.InspectCommand;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The program behind {@code bybert}. */
@Command(
        name = "bybert",
        description = "Scores Japanese text with byte-level BERT models on Apache Spark.",
        subcommands = {
            EvaluateCommand.class,
            EmbedCommand.class,
            FillMaskCommand.class,
            InspectCommand.class,
            BenchCommand.class,
            MakeCheckpointCommand.class
        },
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.VersionLine.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Options of spark-submit (--master, --conf, --executor-memory, ...) may stand anywhere; the default master "
                    + "is local[*].",
            "'bybert COMMAND --help' describes a command. Exit codes: 0 done, 1 failed, 2 wrong usage; embed has more."
        })
public final class Main implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    public static void main(String[] args) {
        PrintWriter err = writer(FileDescriptor.err);
        int exit;
        try {
            exit = commandLine().setOut(writer(FileDescriptor.out)).setErr(err).execute(args);
        } catch (OutOfMemoryError e) {
            err.println("bybert: out of memory: the heap of this JVM holds at most "
                    + (Runtime.getRuntime().maxMemory() >> 20) + " MB; raise it, e.g. with "
                    + "JDK_JAVA_OPTIONS=-Xmx4g (on Spark --driver-memory 4g)");
            exit = CommandLine.ExitCode.SOFTWARE;
        }
        if (exit != 0) {
            System.exit(exit);
        }
    }

    /** UTF-8 whatever the locale; unlike System.out it tells when nobody reads any more. */
    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
    }

    public static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((exception, arguments) -> {
                    CommandLine command = exception.getCommandLine();
                    command.getErr()
                            .println("bybert: " + exception.getMessage() + " (see '"
                                    + command.getCommandSpec().qualifiedName() + " --help')");
                    return command.getCommandSpec().exitCodeOnInvalidInput();
                })
                .setExecutionExceptionHandler(
                        (exception, command, parsed) -> Failure.report(exception, command.getErr()));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command");
    }

    static final class VersionLine implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"bybert " + Version.current()};
        }
    }
}
