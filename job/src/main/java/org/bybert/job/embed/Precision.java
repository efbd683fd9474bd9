package org.bybert.job.embed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
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

    /** {@code embedding}, and {@code scale} where there is one. */
    StructType columns() {
        StructType embedding = new StructType()
                .add(
                        "embedding",
                        this == FLOAT32 ? DataTypes.createArrayType(DataTypes.FloatType, false) : DataTypes.BinaryType);
        return this == INT8 ? embedding.add("scale", DataTypes.FloatType) : embedding;
    }

    /**
     * An embedding as it is stored.
     *
     * @param numbers {@code float[]} or {@code byte[]}; null where there is none, or a number is too large
     * @param scale   null but for {@link #INT8}
     */
    record Stored(Object numbers, Float scale) {}

    /** @param vector may be null */
    Stored store(float[] vector) {
        if (vector == null) {
            return new Stored(null, null);
        }
        return switch (this) {
            case FLOAT32 -> new Stored(vector, null);
            case FLOAT16 -> new Stored(halves(vector), null);
            case INT8 -> {
                float scale = scale(vector);
                yield new Stored(bytes(vector, scale), scale);
            }
        };
    }

    private static float scale(float[] vector) {
        double largest = IntStream.range(0, vector.length)
                .mapToDouble(i -> Math.abs(vector[i]))
                .max()
                .orElse(0);
        return (float) largest / Byte.MAX_VALUE;
    }

    private static byte[] bytes(float[] vector, float scale) {
        byte[] bytes = new byte[vector.length];
        for (int i = 0; i < bytes.length && scale > 0; i++) {
            // In double precision, and bounded: a subnormal scale is too coarse to keep to 127 by itself.
            double rounded = Math.rint((double) vector[i] / scale);
            bytes[i] = (byte) Math.max(-Byte.MAX_VALUE, Math.min(Byte.MAX_VALUE, rounded));
        }
        return bytes;
    }

    /** Null where a number is too large, which half precision makes infinite. */
    private static byte[] halves(float[] vector) {
        ByteBuffer buffer = ByteBuffer.allocate(2 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        Dtype.F16.write(vector, vector.length, buffer);
        for (int at = 0; at < buffer.capacity(); at += Short.BYTES) {
            if ((buffer.getShort(at) & 0x7c00) == 0x7c00) {
                return null;
            }
        }
        return buffer.array();
    }
}
