package org.bybert.job.fillmask;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.job.terminal.UserError;

/** The lines of a stream of UTF-8, one at a time; a line that is none of UTF-8 or endless becomes a problem. */
final class InputLines implements Iterator<InputLines.Line> {

    /**
     * One text as it came.
     *
     * @param row     from 1, in the order of the input
     * @param text    null where it could not be read
     * @param problem why, or null
     */
    record Line(long row, String text, String problem) {

        /** @throws TextProblem where it could not be read */
        String readable() {
            if (problem != null) {
                throw new TextProblem(problem);
            }
            return text;
        }
    }

    /** Far more than any model reads, so that no line can exhaust memory. */
    static final int MOST_BYTES = 1 << 20;

    private final InputStream in;
    private final String name;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long row;
    private int next;

    /** @param name of the stream in errors */
    InputLines(InputStream in, String name) {
        this.in = new BufferedInputStream(in, 1 << 16);
        this.name = name;
        this.next = read();
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
        line.reset();
        long bytes = 0;
        for (; next >= 0 && next != '\n'; next = read()) {
            if (bytes++ < MOST_BYTES) {
                line.write(next);
            }
        }
        next = next < 0 ? next : read();
        row++;
        if (bytes > MOST_BYTES) {
            return new Line(
                    row,
                    null,
                    String.format(
                            Locale.ROOT, "too long: a line of %,d bytes, at most %,d are read", bytes, MOST_BYTES));
        }
        return decode(line.toByteArray());
    }

    private Line decode(byte[] bytes) {
        int length = bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
            return new Line(row, text, null);
        } catch (CharacterCodingException e) {
            return new Line(row, null, "invalid UTF-8: the line is not valid UTF-8");
        }
    }
}
