package org.bybert.encoder.kernel;

/** A loop of nothing but fused multiply-adds on registers: the most that the core can do at this vector width. */
public interface Fma {

    /** Floating-point operations of one {@link #run}; a call takes some tens of microseconds. */
    double flops();

    /** Runs the loop; the result keeps the compiler from leaving it out. */
    float run();
}
