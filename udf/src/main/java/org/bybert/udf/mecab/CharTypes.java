package org.bybert.udf.mecab;

import java.nio.IntBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code char.bin}: what MeCab knows of each character, which decides about words that the dictionary lacks. 32 bits
 * a character: the categories that it belongs to (18 bits, from the lowest), its own category (8), how many characters
 * unknown words may have (4), whether a run of its kind is one unknown word, and whether unknown words compete with known
 * ones.
 */
final class CharTypes {

    private static final int NAME = 32;
    /** Of U+FFFF MeCab knows nothing, and the characters behind it are for it like U+0000. */
    private static final int KNOWN = 0xffff;

    private static final int TYPES = 0x3ffff;
    /** As many as there are bits for. */
    private static final int MAX_CATEGORIES = 18;

    /** Names of the categories. */
    final List<String> categories;

    private final int[] info = new int[KNOWN + 1];

    CharTypes(DictionaryFile file) {
        if (file.size() < Integer.BYTES) {
            file.checkSize(Integer.BYTES + KNOWN * Integer.BYTES, "at least");
        }
        int n = file.bytes().getInt(0);
        if (n < 1 || n > MAX_CATEGORIES) {
            throw file.wrong(
                    "1 to " + MAX_CATEGORIES + " categories",
                    Integer.toUnsignedString(n),
                    "copy or install the dictionary again");
        }
        int start = Integer.BYTES + n * NAME;
        file.checkSize(start + KNOWN * Integer.BYTES, "as for " + n + " categories");
        categories = IntStream.range(0, n)
                .mapToObj(i -> file.text(Integer.BYTES + i * NAME, NAME))
                .toList();
        IntBuffer infos = file.slice(start, KNOWN * Integer.BYTES).asIntBuffer();
        infos.get(info, 0, KNOWN);
        for (int character = 0; character < KNOWN; character++) {
            if (category(info[character]) >= n) {
                throw file.wrong(
                        "categories below " + n,
                        category(info[character]) + " of character " + character,
                        "copy or install the dictionary again");
            }
        }
    }

    int of(int character) {
        return info[character > KNOWN ? 0 : character];
    }

    /** Whether the two share a category. */
    static boolean alike(int one, int other) {
        return (one & other & TYPES) != 0;
    }

    static int category(int info) {
        return info >>> 18 & 0xff;
    }

    static int length(int info) {
        return info >>> 26 & 0xf;
    }

    static boolean groups(int info) {
        return (info >>> 30 & 1) != 0;
    }

    static boolean competes(int info) {
        return info >>> 31 != 0;
    }
}
