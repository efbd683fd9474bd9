package org.bybert.encoder;

import java.util.stream.Stream;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.ScalarKernels;

/** Every set of kernels this JVM can run, for parameterised tests; a property forces the vector width per JVM. */
public final class KernelSets {

    private KernelSets() {}

    public static Stream<Kernels> all() {
        return Stream.of(new ScalarKernels(), KernelChoice.kernels());
    }

    /** Whether this JVM can load the vector kernels at all. */
    public static boolean vectorModulePresent() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }
}
