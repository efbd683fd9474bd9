package org.bybert.job.embed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.bybert.encoder.checkpoint.Dtype;

/** How the numbers of an embedding are stored. */
enum Precision {
    /** {@code array<float>}. */
    FLOAT32,
    /** {@code binary}: IEEE 754 half precision, little endian, rounded to nearest, ties to even. */
    FLOAT16,
    /**
     * {@code binary}: one signed byte per number, with a column {@code scale} beside it. A value is {@code scale} times
     * its byte; the largest value of a row is 127 or -127 times its scale.
     */
    INT8;

    static final String SCALE = "scale";

    private static final int LARGEST = 127;

    DataType type() {
        return this == FLOAT32 ? DataTypes.createArrayType(DataTypes.FloatType, false) : DataTypes.BinaryType;
    }

    /** Null where a number is too large for half precision. */
    Object store(float[] vector, float scale) {
        return switch (this) {
            case FLOAT32 -> vector;
            case FLOAT16 -> halves(vector);
            case INT8 -> bytes(vector, scale);
        };
    }

    static float scale(float[] vector) {
        float largest = 0;
        for (float value : vector) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest / LARGEST;
    }

    private static byte[] bytes(float[] vector, float scale) {
        byte[] bytes = new byte[vector.length];
        for (int i = 0; i < bytes.length && scale > 0; i++) {
            // In double precision, and bounded: a subnormal scale is too coarse to keep to 127 by itself.
            double rounded = Math.rint((double) vector[i] / scale);
            bytes[i] = (byte) Math.max(-LARGEST, Math.min(LARGEST, rounded));
        }
        return bytes;
    }

    private static byte[] halves(float[] vector) {
        ByteBuffer buffer = ByteBuffer.allocate(2 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : vector) {
            short half = Dtype.floatToHalf(value);
            if ((half & 0x7c00) == 0x7c00) {
                return null;
            }
            buffer.putShort(half);
        }
        return buffer.array();
    }
}
