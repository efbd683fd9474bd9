package org.bybert.job.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.Map;
import org.bybert.encoder.text.ByteEncoding;

/**
 * The characters of a stream of bytes. A byte that is no text becomes an unpaired surrogate, U+DC00 plus its value,
 * so that the record it lies in can be told from others when it has been cut out; a byte order mark is left out.
 */
public final class TextDecoder extends Reader {

    /** How Python and Windows call what Java calls otherwise. */
    private static final Map<String, String> NAMES =
            Map.of("cp932", "windows-31j", "ms932", "windows-31j", "sjis", "Shift_JIS", "eucjp", "EUC-JP");

    /** Goes on a message about bytes that are no text. */
    static final String HINT = " (--encoding names another, e.g. windows-31j)";

    private static final char MARK = '\ufeff';
    /** Room for the bytes of an error behind the characters before it. */
    private static final int SPARE = 16;

    private final InputStream in;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
    private final CharBuffer chars = CharBuffer.allocate(1 << 16).flip();
    private boolean begun;
    private boolean ended;

    public TextDecoder(InputStream in, Charset charset) {
        this.in = in;
        this.decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    /**
     * A character set by one of its names.
     *
     * @param name null for UTF-8
     * @throws IllegalArgumentException where there is none of this name
     */
    public static Charset charset(String name) {
        try {
            return name == null
                    ? StandardCharsets.UTF_8
                    : Charset.forName(NAMES.getOrDefault(name.toLowerCase(Locale.ROOT), name));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new IllegalArgumentException(
                    "expected a character set, e.g. UTF-8, windows-31j (CP932), Shift_JIS, "
                            + "EUC-JP or UTF-16, found \"" + name + '"',
                    e);
        }
    }

    /**
     * What is wrong with a record that was decoded here, or null.
     *
     * @param what it is, e.g. {@code the line}
     */
    public static String problem(String what, String record, Charset charset) {
        int at = ByteEncoding.firstUnpaired(record);
        if (at < 0) {
            return null;
        }
        char c = record.charAt(at);
        return c >= '\udc00' && c <= '\udcff'
                ? what + " is not valid " + charset.name() + HINT
                : what + " holds an unpaired surrogate";
    }

    /** A line for a message: its beginning, on one line of a terminal. */
    static String shown(String line) {
        String beginning = line.length() > 40 ? line.substring(0, 40) + "..." : line;
        return '"' + beginning.replaceAll("[\\p{Cntrl}\\p{Cs}]", "\ufffd") + '"';
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        while (!chars.hasRemaining()) {
            if (ended && !bytes.hasRemaining()) {
                return -1;
            }
            decode();
        }
        int count = Math.min(length, chars.remaining());
        chars.get(target, offset, count);
        return count;
    }

    private void decode() throws IOException {
        chars.clear().limit(chars.capacity() - SPARE);
        CoderResult result = decoder.decode(bytes, chars, ended);
        chars.limit(chars.capacity());
        for (int i = 0; result.isError() && i < result.length(); i++) {
            chars.put((char) (0xdc00 | bytes.get() & 0xff));
        }
        chars.flip();
        if (!begun && chars.hasRemaining()) {
            begun = true;
            chars.position(chars.get(0) == MARK ? 1 : 0);
        }
        if (result.isUnderflow() && !ended) {
            bytes.compact();
            int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
            ended = count < 0;
            bytes.position(bytes.position() + Math.max(0, count)).flip();
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
