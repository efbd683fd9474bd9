package org.bybert.job.terminal;

import java.io.PrintWriter;
import org.bybert.encoder.detect.Measured;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * Where a command prints.
 *
 * @param out  standard output: results
 * @param err  standard error: remarks
 * @param ansi whether standard output shows colours: a terminal does, unless {@code NO_COLOR} is set
 */
public record Terminal(PrintWriter out, PrintWriter err, Ansi ansi) {

    /** Without colours. */
    public Terminal(PrintWriter out, PrintWriter err) {
        this(out, err, Ansi.OFF);
    }

    public static Terminal of(CommandLine command) {
        return new Terminal(
                command.getOut(), command.getErr(), command.getColorScheme().ansi());
    }

    public void print(String line) {
        out.println(line);
    }

    /** What was measured about a model, a line for each setting. */
    public void remarkOn(Measured measured) {
        measured.findings().forEach(finding -> remark(finding.sentence()));
    }

    /** Something for the person who waits, as one line. */
    public void remark(String line) {
        err.println("bybert: " + line);
    }
}
