package org.bybert.job.embed;

/**
 * A 64-bit hash of one result. Sums of hashes do not depend on the order of the rows, so that two runs can be compared
 * by one number.
 */
final class RowChecksum {

    private static final long FACTOR = 0x9e3779b97f4a7c15L;

    private long state = FACTOR;

    RowChecksum add(long value) {
        state = (state ^ value) * FACTOR;
        state ^= state >>> 32;
        return this;
    }

    RowChecksum add(String value) {
        if (value == null) {
            return add(-1);
        }
        add(value.length());
        for (int i = 0; i < value.length(); i++) {
            add(value.charAt(i));
        }
        return this;
    }

    /** Of an embedding as it is stored: the bits of floats, or bytes; null where there is none. */
    RowChecksum addNumbers(Object numbers) {
        if (numbers == null) {
            return add(-1);
        }
        if (numbers instanceof byte[] bytes) {
            add(bytes.length);
            for (byte value : bytes) {
                add(value);
            }
            return this;
        }
        float[] vector = (float[]) numbers;
        add(vector.length);
        for (float value : vector) {
            add(Float.floatToRawIntBits(value));
        }
        return this;
    }

    long value() {
        return state;
    }
}
