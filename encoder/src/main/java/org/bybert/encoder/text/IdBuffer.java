package org.bybert.encoder.text;

import java.util.Arrays;

/** A growing array of token ids. */
final class IdBuffer {

    private int[] ids;
    private int size;

    IdBuffer(int capacity) {
        ids = new int[capacity];
    }

    void add(int id) {
        reserve(1);
        ids[size++] = id;
    }

    void addIfPresent(int id) {
        if (id >= 0) {
            add(id);
        }
    }

    void addBytes(byte[] bytes, int offset) {
        reserve(bytes.length);
        for (byte b : bytes) {
            ids[size++] = offset + (b & 0xff);
        }
    }

    private void reserve(int more) {
        if (size + more > ids.length) {
            ids = Arrays.copyOf(ids, Math.max(size + more, ids.length * 2));
        }
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }
}
