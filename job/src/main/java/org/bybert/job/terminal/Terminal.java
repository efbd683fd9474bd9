package org.bybert.job.terminal;

import java.io.PrintWriter;
import org.bybert.encoder.detect.Measured;
import picocli.CommandLine;

/**
 * Where a command prints.
 *
 * @param out standard output: results
 * @param err standard error: remarks
 */
public record Terminal(PrintWriter out, PrintWriter err) {

    public static Terminal of(CommandLine command) {
        return new Terminal(command.getOut(), command.getErr());
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
