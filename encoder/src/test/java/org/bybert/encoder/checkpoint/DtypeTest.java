package org.bybert.encoder.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DtypeTest {

    @Test
    void everyHalfPrecisionNumberIsRead() {
        for (int bits = 0; bits < 65_536; bits++) {
            float actual = Dtype.halfToFloat((short) bits);
            double expected = half(bits);
            if (Double.isNaN(expected)) {
                assertTrue(Float.isNaN(actual), Integer.toHexString(bits));
            } else {
                // As bits, so that zero keeps its sign.
                assertEquals(
                        Float.floatToIntBits((float) expected),
                        Float.floatToIntBits(actual),
                        Integer.toHexString(bits));
            }
        }
    }

    @Test
    void halfPrecisionRoundsToTheNearestAndTiesToEven() {
        for (int bits = 0; bits < 0x7c00; bits++) {
            double value = half(bits);
            double next = bits + 1 == 0x7c00 ? 65_536 : half(bits + 1);
            float middle = (float) ((value + next) / 2);
            int even = bits % 2 == 0 ? bits : bits + 1;
            for (int sign : new int[] {1, -1}) {
                int mark = sign == 1 ? 0 : 0x8000;
                String where = Integer.toHexString(bits | mark);
                assertEquals((short) (bits | mark), Dtype.floatToHalf(Math.copySign((float) value, sign)), where);
                assertEquals((short) (even | mark), Dtype.floatToHalf(sign * middle), where);
                assertEquals(
                        (short) (bits | mark), Dtype.floatToHalf(Math.copySign(Math.nextDown(middle), sign)), where);
                assertEquals((short) (bits + 1 | mark), Dtype.floatToHalf(sign * Math.nextUp(middle)), where);
            }
        }
        assertEquals((short) 0x7c00, Dtype.floatToHalf(Float.POSITIVE_INFINITY));
        assertEquals((short) 0xfc00, Dtype.floatToHalf(-Float.MAX_VALUE));
        assertTrue(Float.isNaN(Dtype.halfToFloat(Dtype.floatToHalf(Float.NaN))));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void whatIsWrittenIsReadAgain(Dtype dtype) {
        float[] values = {0, -0f, 1, -1.5f, 0.0078125f, 240, 0x1p-14f};
        ByteBuffer data = ByteBuffer.allocate(values.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        dtype.write(values, values.length, data);
        float[] out = new float[values.length];
        dtype.read(data.flip(), 0, out, 0, out.length);
        assertArrayEquals(values, out);
    }

    @Test
    void bfloatsAreRoundedToTheNearest() {
        ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        Dtype.BF16.write(new float[] {0x1.01p0f, 0x1.03p0f, 0x1.010002p0f, -0x1.00fffep0f}, 4, data);
        float[] out = new float[4];
        Dtype.BF16.read(data.flip(), 0, out, 0, 4);
        assertArrayEquals(new float[] {1, 0x1.04p0f, 0x1.02p0f, -1}, out);
    }

    /** IEEE 754: (−1)^s · 2^(e−15) · 1.f, or 2^(−14) · 0.f where e is 0. */
    private static double half(int bits) {
        int exponent = bits / 1024 % 32;
        double fraction = bits % 1024 / 1024.0;
        double size;
        if (exponent == 31) {
            size = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else {
            size = exponent == 0 ? Math.pow(2, -14) * fraction : Math.pow(2, exponent - 15) * (1 + fraction);
        }
        return bits < 32_768 ? size : -size;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void partOfABufferIsReadIntoPartOfAnArray(Dtype dtype) {
        ByteBuffer data = ByteBuffer.allocate(5 * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : new float[] {0.5f, -1, 1.5f, -2, 3}) {
            int bits = Float.floatToRawIntBits(value);
            switch (dtype) {
                case F32 -> data.putInt(bits);
                case BF16 -> data.putShort((short) (bits >> 16));
                default ->
                    data.putShort(
                            (short) (bits >> 16 & 0x8000 | (Math.getExponent(value) + 15) << 10 | bits >> 13 & 0x3ff));
            }
        }
        float[] out = {9, 9, 9, 9, 9};
        dtype.read(data.flip(), 1, out, 1, 3);
        assertArrayEquals(new float[] {9, -1, 1.5f, -2, 9}, out);
    }

    @Test
    void theUpperHalfOfAFloatIsABfloat() {
        ByteBuffer data = ByteBuffer.allocate(131_072).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits = 0; bits < 65_536; bits++) {
            data.putShort((short) bits);
        }
        float[] out = new float[65_536];
        Dtype.BF16.read(data.flip(), 0, out, 0, out.length);
        for (int bits = 0; bits < 65_536; bits++) {
            assertEquals(Float.intBitsToFloat(bits * 65_536), out[bits], Integer.toHexString(bits));
        }
    }

    @Test
    void integersAreNotReadAsFloats() {
        assertThrows(IllegalStateException.class, () -> Dtype.I64.read(ByteBuffer.allocate(8), 0, new float[1], 0, 1));
    }
}
