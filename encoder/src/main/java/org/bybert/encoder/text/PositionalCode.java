package org.bybert.encoder.text;

import java.util.Arrays;

/**
 * Writes a code point as a number in a positional system whose digits have a byte range of their own at each position:
 * the most significant digit comes first, leading zeros are left out, the last byte is always of position 0. Since a
 * byte tells its position, decoding finds the next character after any damage.
 *
 * <p>Source of both tables: the public repository gokamoda/byte-tokenizer, by the second author of the byBERT-JP paper.
 */
final class PositionalCode extends ByteEncoding {

    static final PositionalCode MIXED_RADIX =
            new PositionalCode("mixed-radix", new int[] {1, 136, 200, 249}, new int[] {127, 56, 24, 7});
    static final PositionalCode BIT_PREFIX =
            new PositionalCode("bit-prefix", new int[] {0x00, 0x80, 0xC0, 0xE0}, new int[] {128, 64, 32, 16});

    private static final int NONE = -1;

    /** Byte of digit 0 at each position, the least significant position first. */
    private final int[] firstByte;

    private final int[] radix;
    /** Code points from here on need one byte more than the position's index. */
    private final int[] limit;
    /** Position of each byte, or {@link #NONE}. */
    private final int[] position = new int[256];

    private PositionalCode(String name, int[] firstByte, int[] radix) {
        super(name);
        this.firstByte = firstByte;
        this.radix = radix;
        this.limit = new int[radix.length];
        Arrays.fill(position, NONE);
        int reach = 1;
        for (int p = 0; p < radix.length; p++) {
            reach *= radix[p];
            limit[p] = reach;
            Arrays.fill(position, firstByte[p], firstByte[p] + radix[p], p);
        }
    }

    @Override
    int code(int codePoint) {
        int rest = ByteEncoding.scalar(codePoint);
        int length = byteLength(codePoint);
        int code = 0;
        for (int p = 0; p < length; p++) {
            code |= firstByte[p] + rest % radix[p] << 8 * (length - 1 - p);
            rest /= radix[p];
        }
        return code;
    }

    @Override
    public int byteLength(int codePoint) {
        int value = ByteEncoding.scalar(codePoint);
        int length = 1;
        while (value >= limit[length - 1]) {
            length++;
        }
        return length;
    }

    @Override
    public String decode(byte[] bytes, int from, int to) {
        // A character is no longer in UTF-16 than in bytes.
        char[] text = new char[to - from];
        int size = 0;
        int at = from;
        while (at < to) {
            int lead = position[bytes[at] & 0xff];
            int end = at + 1;
            int value = lead == NONE ? NONE : digit(bytes[at], lead);
            boolean valid = lead == 0 || value > 0;
            for (int p = lead - 1; p >= 0 && valid; p--) {
                if (end == to || position[bytes[end] & 0xff] != p) {
                    valid = false;
                } else {
                    value = value * radix[p] + digit(bytes[end++], p);
                }
            }
            valid &= value <= Character.MAX_CODE_POINT && ByteEncoding.scalar(value) == value;
            size += Character.toChars(valid ? value : REPLACEMENT, text, size);
            at = end;
        }
        return new String(text, 0, size);
    }

    private int digit(byte b, int p) {
        return (b & 0xff) - firstByte[p];
    }
}
