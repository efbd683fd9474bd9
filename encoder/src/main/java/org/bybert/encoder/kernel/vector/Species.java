package org.bybert.encoder.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.bybert.encoder.kernel.KernelChoice;

/** The vector width of this JVM; a constant, as the JIT compiler needs it. */
final class Species {

    static final VectorSpecies<Float> FLOATS = chosen(System.getProperty(KernelChoice.PROPERTY, "vector"));
    static final int LANES = FLOATS.length();

    private static final VectorShuffle<Float> BY_8 = rotation(8);
    private static final VectorShuffle<Float> BY_4 = rotation(4);
    private static final VectorShuffle<Float> BY_2 = rotation(2);
    private static final VectorShuffle<Float> BY_1 = rotation(1);

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

    private static VectorShuffle<Float> rotation(int by) {
        return VectorShuffle.fromOp(FLOATS, lane -> (lane + by) % FLOATS.length());
    }

    /**
     * Sum of the lanes as a fixed tree: {@code reduceLanes} leaves the order open, so that its bits may change when the
     * JIT compiler takes over.
     */
    static float sum(FloatVector v) {
        if (LANES > 8) {
            v = v.add(v.rearrange(BY_8));
        }
        if (LANES > 4) {
            v = v.add(v.rearrange(BY_4));
        }
        if (LANES > 2) {
            v = v.add(v.rearrange(BY_2));
        }
        return v.add(v.rearrange(BY_1)).lane(0);
    }
}
