package org.bybert.job;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.bybert.encoder.Version;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.job.bench.BenchCommand;
import org.bybert.job.bench.MakeCheckpointCommand;
import org.bybert.job.embed.EmbedCommand;
import org.bybert.job.evaluate.CompareCommand;
import org.bybert.job.evaluate.EvaluateCommand;
import org.bybert.job.evaluate.ReportCommand;
import org.bybert.job.fillmask.FillMaskCommand;
import org.bybert.job.inspect.InspectCommand;
import org.bybert.job.robustness.RobustnessCommand;
import org.bybert.job.score.ScoreCommand;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.Interruption;
import org.bybert.job.terminal.UserError;
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
            ReportCommand.class,
            CompareCommand.class,
            EmbedCommand.class,
            FillMaskCommand.class,
            ScoreCommand.class,
            RobustnessCommand.class,
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
            "'bybert COMMAND --help' describes a command. Exit codes: 0 done, 1 failed, 2 wrong usage, 52 out of memory "
                    + "(raise --driver-memory; on a cluster --executor-memory), 130 interrupted; embed has more."
        })
public final class Main implements Runnable {

    @CommandLine.Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Shows the traces of an error.")
    private boolean verbose;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    public static void main(String[] args) {
        PrintWriter err = writer(FileDescriptor.err);
        int exit;
        try {
            checkArguments(args, Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
            exit = commandLine().setOut(writer(FileDescriptor.out)).setErr(err).execute(args);
        } catch (UserError e) {
            exit = Failure.report(e, err, false);
        } catch (OutOfMemoryError e) {
            err.println("bybert: out of memory: the heap of this JVM holds at most "
                    + (Runtime.getRuntime().maxMemory() >> 20) + " MB; raise it, e.g. with "
                    + "JDK_JAVA_OPTIONS=-Xmx4g (on Spark --driver-memory 4g)");
            exit = Failure.OUT_OF_MEMORY;
        }
        drain(err);
        if (exit != 0) {
            System.exit(exit);
        }
    }

    /** The launcher's filter of standard error may hold the last lines: who has ended must have said all. */
    private static void drain(PrintWriter err) {
        String filter = System.getenv("BYBERT_STDERR_FILTER");
        if (filter != null && !Interruption.isEnding() && filter.matches("\\d+")) {
            err.close();
            ProcessHandle.of(Long.parseLong(filter))
                    .ifPresent(process -> process.onExit()
                            .completeOnTimeout(process, 2, TimeUnit.SECONDS)
                            .join());
        }
    }

    /**
     * Refuses what a JVM of another locale made of UTF-8: it would be another text.
     *
     * @param locale charset by which the JVM read the arguments
     * @throws UserError with the exit code of wrong usage
     */
    static void checkArguments(String[] arguments, Charset locale) {
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            boolean broken = argument.indexOf('\uFFFD') >= 0 || ByteEncoding.firstUnpaired(argument) >= 0;
            if (broken || isUtf8ReadAs(locale, argument)) {
                throw new UserError(
                        CommandLine.ExitCode.USAGE,
                        "argument " + (i + 1) + ": expected UTF-8, found \""
                                + argument + "\" as this JVM reads it (" + locale
                                + "); set LC_ALL=C.UTF-8, as job/bin/bybert does");
            }
        }
    }

    private static boolean isUtf8ReadAs(Charset locale, String argument) {
        if (locale.equals(StandardCharsets.UTF_8) || argument.chars().allMatch(c -> c < 0x80)) {
            return false;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(locale.newEncoder().encode(CharBuffer.wrap(argument)));
            return true;
        } catch (CharacterCodingException e) {
            return false;
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
                .setExecutionExceptionHandler((exception, command, parsed) -> Failure.report(
                        exception,
                        command.getErr(),
                        command.getCommandSpec().root().userObject() instanceof Main main && main.verbose));
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
