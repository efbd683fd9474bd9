package org.bybert.encoder.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.bybert.encoder.kernel.KernelChoice;

/** The vector width of this JVM; a constant, as the JIT compiler needs it. */
final class Species {

    static final VectorSpecies<Float> FLOATS = chosen(System.getProperty(KernelChoice.PROPERTY, "vector"));
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    static final int LANES = FLOATS.length();

    private Species() {
    }

    private static VectorSpecies<Float> chosen(String kernels) {
        return switch (kernels) {
            case "vector-512" -> FloatVector.SPECIES_512;
            case "vector-256" -> FloatVector.SPECIES_256;
            case "vector-128" -> FloatVector.SPECIES_128;
            default -> FloatVector.SPECIES_PREFERRED.length() > 16
                    ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;
        };
    }
}
