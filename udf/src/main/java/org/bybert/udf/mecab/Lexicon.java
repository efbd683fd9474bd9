package org.bybert.udf.mecab;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Locale;
import org.bybert.encoder.error.ModelException;

/**
 * {@code sys.dic} or {@code unk.dic}: a double array that leads from the UTF-8 bytes of a spelling to its entries.
 *
 * <p>A state is the base of the double array's unit that was reached. An entry is 64 bits: the left context id, the
 * right context id, an id that is not used here, and the cost, 16 bits each from the lowest.
 */
final class Lexicon {

    /** Type of a system dictionary. */
    static final int SYSTEM = 0;
    /** Type of the entries for unknown words. */
    static final int UNKNOWN = 2;
    /** No state, and no entries. */
    static final int NONE = -1;

    private static final int MAGIC = 0xef718f77;
    private static final int VERSION = 102;
    private static final int HEADER = 72;
    private static final int CHARSET = 40;
    private static final int CHARSET_LENGTH = 32;
    private static final String AGAIN = "copy or install the dictionary again";

    private final LongBuffer units;
    private final LongBuffer tokens;
    /** What is said of each entry, in UTF-8 and ended by a zero. */
    private final ByteBuffer features;
    /** Numbers of left and right context ids, in the words of MeCab's files. */
    final int leftSize;

    final int rightSize;

    /** @throws ModelException where the file is no such dictionary */
    Lexicon(DictionaryFile file, int type) {
        checkHeader(file);
        if (file.bytes().getInt(8) != type) {
            throw file.wrong(
                    "a dictionary of type " + type + (type == SYSTEM ? " (system)" : " (unknown words)"),
                    "type " + file.bytes().getInt(8),
                    AGAIN);
        }
        leftSize = file.bytes().getInt(16);
        rightSize = file.bytes().getInt(20);
        int unitBytes = file.bytes().getInt(24);
        int tokenBytes = file.bytes().getInt(28);
        int featureBytes = file.bytes().getInt(32);
        if (unitBytes < Long.BYTES
                || unitBytes % Long.BYTES != 0
                || tokenBytes < 0
                || tokenBytes % 16 != 0
                || featureBytes < 0
                || (long) HEADER + unitBytes + tokenBytes + featureBytes != file.size()) {
            throw file.wrong(
                    "parts that fill its " + file.size() + " bytes",
                    unitBytes + " + " + tokenBytes + " + " + featureBytes + " bytes",
                    AGAIN);
        }
        units = file.slice(HEADER, unitBytes).asLongBuffer();
        tokens = file.slice(HEADER + unitBytes, tokenBytes).asLongBuffer();
        features = file.slice(HEADER + unitBytes + tokenBytes, featureBytes);
        checkContent(file);
    }

    private static void checkHeader(DictionaryFile file) {
        if (file.size() < HEADER) {
            throw file.wrong("a dictionary that MeCab has compiled", file.size() + " bytes", AGAIN);
        }
        int magic = file.bytes().getInt(0) ^ MAGIC;
        int version = file.bytes().getInt(4);
        if (Integer.reverseBytes(version) == VERSION) {
            throw file.wrong(
                    "little-endian numbers",
                    "big-endian ones",
                    "compile the dictionary's source with mecab-dict-index on a machine of this kind");
        }
        boolean whole = Integer.toUnsignedLong(magic) == file.size();
        if (whole && version != VERSION) {
            throw file.wrong(
                    "version " + VERSION + " of MeCab's format",
                    "version " + version,
                    "compile the dictionary's source with mecab-dict-index of MeCab 0.996");
        }
        if (!whole && version == VERSION) {
            file.checkSize(Integer.toUnsignedLong(magic), "as its header says");
        }
        if (!whole) {
            throw file.wrong("a dictionary that MeCab has compiled", "something else", AGAIN);
        }
        String charset = file.text(CHARSET, CHARSET_LENGTH);
        if (!charset.toLowerCase(Locale.ROOT).matches("utf[-_]?8")) {
            throw file.wrong(
                    "a dictionary in UTF-8",
                    "one in " + (charset.isEmpty() ? "no known charset" : charset),
                    "install its UTF-8 edition, or compile its source with mecab-dict-index -f CHARSET-OF-THE-SOURCE "
                            + "-t utf-8");
        }
    }

    /** What a broken file would break in the middle of a job. */
    private void checkContent(DictionaryFile file) {
        int entries = entries();
        for (int i = 0; i < units.capacity(); i++) {
            int base = (int) units.get(i);
            if (base < 0 ? first(-base - 1) + count(-base - 1) > entries : base >= units.capacity()) {
                throw file.wrong(
                        "a double array of " + units.capacity() + " units and " + entries + " entries",
                        "one that points behind them",
                        AGAIN);
            }
        }
        for (int i = 0; i < entries; i++) {
            long token = entry(i);
            if (left(token) >= rightSize || right(token) >= leftSize) {
                throw file.wrong(
                        "context ids below " + rightSize + " and " + leftSize,
                        left(token) + " and " + right(token) + " in entry " + i,
                        AGAIN);
            }
            int feature = (int) tokens.get(2 * i + 1);
            if (feature < 0 || feature >= features.capacity()) {
                throw file.wrong(
                        "features within their " + features.capacity() + " bytes",
                        "one at " + Integer.toUnsignedLong(feature) + " of entry " + i,
                        AGAIN);
            }
        }
    }

    int root() {
        return (int) units.get(0);
    }

    /** The state after one more byte, 0 to 255, or {@link #NONE}. */
    int step(int state, int next) {
        int at = state + next + 1;
        if (at >= units.capacity()) {
            return NONE;
        }
        long unit = units.get(at);
        return (int) (unit >>> Integer.SIZE) == state ? (int) unit : NONE;
    }

    /** The state after one more character, or {@link #NONE}. */
    int stepOver(int state, int character) {
        if (character < 0x80) {
            return step(state, character);
        }
        int before = character < 0x800
                ? step(state, 0xc0 | character >> 6)
                : character < 0x10000
                        ? stepTail(step(state, 0xe0 | character >> 12), character >> 6)
                        : stepTail(stepTail(step(state, 0xf0 | character >> 18), character >> 12), character >> 6);
        return stepTail(before, character);
    }

    private int stepTail(int state, int character) {
        return state < 0 ? NONE : step(state, 0x80 | character & 0x3f);
    }

    /** The entries of the spelling that ends in a state, for {@link #first} and {@link #count}, or {@link #NONE}. */
    int entries(int state) {
        if (state >= units.capacity()) {
            return NONE;
        }
        long unit = units.get(state);
        return (int) (unit >>> Integer.SIZE) == state && (int) unit < 0 ? -(int) unit - 1 : NONE;
    }

    static int first(int entries) {
        return entries >>> 8;
    }

    static int count(int entries) {
        return entries & 0xff;
    }

    long entry(int index) {
        return tokens.get(2 * index);
    }

    int entries() {
        return tokens.capacity() / 2;
    }

    /** The first field of what is said of an entry: in all of MeCab's dictionaries the part of speech. */
    byte[] partOfSpeech(int index) {
        int start = (int) tokens.get(2 * index + 1);
        int end = start;
        while (end < features.capacity() && features.get(end) != 0 && features.get(end) != ',') {
            end++;
        }
        byte[] field = new byte[Math.max(0, end - start)];
        for (int i = 0; i < field.length; i++) {
            field[i] = features.get(start + i);
        }
        return field;
    }

    static int left(long entry) {
        return (int) entry & 0xffff;
    }

    static int right(long entry) {
        return (int) entry >>> 16;
    }

    static int cost(long entry) {
        return (int) (entry >> 48);
    }
}
