package org.bybert.encoder.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Element types of the safetensors format; only {@link #F32}, {@link #F16} and {@link #BF16} can be read as floats. */
public enum Dtype {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E4M3(1),
    F8_E5M2(1),
    U16(2),
    I16(2),
    F16(2),
    BF16(2),
    U32(4),
    I32(4),
    F32(4),
    U64(8),
    I64(8),
    F64(8);

    private final int bytes;

    Dtype(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    public boolean isReadable() {
        return this == F32 || this == F16 || this == BF16;
    }

    /** Reads {@code count} elements from element {@code first} of a little-endian buffer into {@code out[at …]}. */
    void read(ByteBuffer data, long first, float[] out, int at, int count) {
        ByteBuffer slice = data.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(Math.toIntExact(first * bytes));
        switch (this) {
            case F32 -> slice.asFloatBuffer().get(out, at, count);
            case BF16, F16 -> {
                var halves = slice.asShortBuffer();
                for (int i = 0; i < count; i++) {
                    short half = halves.get(i);
                    out[at + i] = this == BF16 ? Float.intBitsToFloat(half << 16) : halfToFloat(half);
                }
            }
            default -> throw new IllegalStateException(this + " cannot be read as floats");
        }
    }

    /** Appends {@code count} elements to a little-endian buffer, each rounded to the nearest, ties to even. */
    public void write(float[] values, int count, ByteBuffer out) {
        for (int i = 0; i < count; i++) {
            switch (this) {
                case F32 -> out.putFloat(values[i]);
                case BF16 -> out.putShort(floatToBfloat(values[i]));
                case F16 -> out.putShort(floatToHalf(values[i]));
                default -> throw new IllegalStateException(this + " cannot be written from floats");
            }
        }
    }

    /** The value must not be NaN. */
    private static short floatToBfloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** Binary32 to the nearest IEEE 754 binary16, ties to even; what is too large becomes infinite. */
    public static short floatToHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        float size = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        if (size >= 65_520) {
            return (short) (sign | 0x7c00);
        }
        if (size < 0x1p-14f) {
            return (short) (sign | (int) Math.rint(size * 0x1p24f));
        }
        int exponentAndFraction = (bits & 0x7fffffff) - (112 << 23);
        return (short) (sign | exponentAndFraction + 0xfff + (exponentAndFraction >>> 13 & 1) >>> 13);
    }

    /** IEEE 754 binary16 to binary32, exact. */
    static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int size = (half & 0x7fff) << 13;
        // The exponents of the two formats count from 15 and from 127, subnormal numbers included.
        int bits = size >= 0x7c00 << 13
                ? size | 0x7f800000
                : Float.floatToRawIntBits(Float.intBitsToFloat(size) * 0x1p112f);
        return Float.intBitsToFloat(sign | bits);
    }
}
