package org.bybert.encoder.kernel;

import java.util.stream.Stream;
import org.bybert.encoder.KernelSets;

/** The scalar kernels, and the vector kernels even where a property forces this JVM to scalar ones. */
final class BothKernels {

    private BothKernels() {}

    static Stream<Kernels> all() {
        Stream<Kernels> vector =
                KernelSets.vectorModulePresent() ? Stream.of(KernelChoice.choose("vector")) : Stream.empty();
        return Stream.concat(Stream.of(new ScalarKernels()), vector);
    }
}
