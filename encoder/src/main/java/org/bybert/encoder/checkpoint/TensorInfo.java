package org.bybert.encoder.checkpoint;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Where one tensor lies.
 *
 * @param begin position of the first byte in {@code file}
 * @param bytes length in bytes: the product of {@code shape} times the element size
 */
public record TensorInfo(String name, Dtype dtype, List<Long> shape, Path file, long begin, long bytes) {

    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** Number of elements. */
    public long elements() {
        return bytes / dtype.bytes();
    }

    boolean hasShape(long... expected) {
        return shape.equals(Arrays.stream(expected).boxed().toList());
    }
}
