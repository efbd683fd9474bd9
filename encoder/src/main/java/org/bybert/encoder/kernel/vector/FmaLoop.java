package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.VectorKernels.FLOATS;
import static org.bybert.encoder.kernel.vector.VectorKernels.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.bybert.encoder.kernel.KernelChoice.Fma;

/** Twelve independent chains: more than latency × units of any core, and few enough for 16 registers. */
public final class FmaLoop implements Fma {

    private static final int CHAINS = 12;
    private static final int ITERATIONS = 20_000;

    @Override
    public double flops() {
        return 2.0 * CHAINS * LANES * ITERATIONS;
    }

    @Override
    public float run() {
        // The sum is the operand that a multiply-add replaces: any other has to be copied first.
        FloatVector a = FloatVector.broadcast(FLOATS, 1e-3f);
        FloatVector b = FloatVector.broadcast(FLOATS, 1e-3f);
        // Different starts, so that no two chains are one to the compiler; all stay far from denormal numbers.
        FloatVector s0 = FloatVector.broadcast(FLOATS, 1f);
        FloatVector s1 = FloatVector.broadcast(FLOATS, 2f);
        FloatVector s2 = FloatVector.broadcast(FLOATS, 3f);
        FloatVector s3 = FloatVector.broadcast(FLOATS, 4f);
        FloatVector s4 = FloatVector.broadcast(FLOATS, 5f);
        FloatVector s5 = FloatVector.broadcast(FLOATS, 6f);
        FloatVector s6 = FloatVector.broadcast(FLOATS, 7f);
        FloatVector s7 = FloatVector.broadcast(FLOATS, 8f);
        FloatVector s8 = FloatVector.broadcast(FLOATS, 9f);
        FloatVector s9 = FloatVector.broadcast(FLOATS, 10f);
        FloatVector s10 = FloatVector.broadcast(FLOATS, 11f);
        FloatVector s11 = FloatVector.broadcast(FLOATS, 12f);
        for (int i = 0; i < ITERATIONS; i++) {
            s0 = a.fma(b, s0);
            s1 = a.fma(b, s1);
            s2 = a.fma(b, s2);
            s3 = a.fma(b, s3);
            s4 = a.fma(b, s4);
            s5 = a.fma(b, s5);
            s6 = a.fma(b, s6);
            s7 = a.fma(b, s7);
            s8 = a.fma(b, s8);
            s9 = a.fma(b, s9);
            s10 = a.fma(b, s10);
            s11 = a.fma(b, s11);
        }
        FloatVector sum = s0.add(s1)
                .add(s2.add(s3))
                .add(s4.add(s5).add(s6.add(s7)))
                .add(s8.add(s9).add(s10.add(s11)));
        return sum.reduceLanes(VectorOperators.ADD);
    }
}
