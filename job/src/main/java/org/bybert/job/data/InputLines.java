package org.bybert.job.data;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.source.ModelSource;
import org.bybert.udf.source.Stores;

/** The lines of a stream of text, one at a time; a line that is no text or endless becomes a problem. */
public final class InputLines implements Iterator<InputLines.Line> {

    /**
     * One text as it came.
     *
     * @param row     from 1, in the order of the input
     * @param text    null where it could not be read
     * @param problem why, or null
     */
    public record Line(long row, String text, String problem) {

        /** @throws TextProblem where it could not be read */
        public String readable() {
            if (problem != null) {
                throw new TextProblem(problem);
            }
            return text;
        }
    }

    /** Far more than any model reads, so that no line can exhaust memory. */
    public static final int MOST_CHARACTERS = 1 << 20;

    private final Reader in;
    private final Charset charset;
    private final String name;
    private final StringBuilder line = new StringBuilder();
    private long row;
    private int next;

    /** @param name of the stream in errors */
    public InputLines(InputStream in, Charset charset, String name) {
        this.in = new BufferedReader(new TextDecoder(in, charset));
        this.charset = charset;
        this.name = name;
        this.next = read();
    }

    /**
     * A file, or what Hadoop finds at an address.
     *
     * @param option that names it, for messages
     * @throws UserError where it cannot be read
     */
    public static InputStream open(String option, String file) {
        try {
            if (file.matches(ModelSource.SCHEME)) {
                org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file);
                return path.getFileSystem(Stores.configuration()).open(path);
            }
            return new FileInputStream(Path.of(file).toFile());
        } catch (IOException | RuntimeException | NoClassDefFoundError e) {
            String advice = Stores.advice(e);
            throw new UserError(
                    option + " " + file + ": cannot be read: " + (advice == null ? e.getMessage() : advice), e);
        }
    }

    private int read() {
        try {
            return in.read();
        } catch (IOException e) {
            throw new UserError(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean hasNext() {
        return next >= 0;
    }

    @Override
    public Line next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        line.setLength(0);
        long length = 0;
        for (; next >= 0 && next != '\n'; next = read()) {
            if (length++ < MOST_CHARACTERS) {
                line.append((char) next);
            }
        }
        next = next < 0 ? next : read();
        row++;
        if (length > MOST_CHARACTERS) {
            return new Line(
                    row,
                    null,
                    String.format(
                            Locale.ROOT,
                            "too long: a line of %,d characters, at most %,d are read",
                            length,
                            MOST_CHARACTERS));
        }
        if (length > 0 && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        String text = line.toString();
        String problem = TextDecoder.problem("the line", text, charset);
        return problem == null
                ? new Line(row, text, null)
                : new Line(row, null, "invalid " + charset.name() + ": " + problem);
    }
}
