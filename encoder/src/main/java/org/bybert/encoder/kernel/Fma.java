package org.bybert.encoder.kernel;

import java.lang.reflect.InvocationTargetException;

/** A loop of nothing but fused multiply-adds on registers: the most that the core can do at this vector width. */
public interface Fma {

    /** The vector width, e.g. {@code vector-512}. */
    String name();

    /** Floating-point operations of one {@link #run}; a call takes some tens of microseconds. */
    double flops();

    /** Runs the loop; the result keeps the compiler from leaving it out. */
    float run();

    /**
     * The loop of this JVM.
     *
     * @throws IllegalStateException where the JVM lacks the Vector API, without which the peak cannot be reached
     */
    static Fma ofThisJvm() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            throw new IllegalStateException(
                    "the peak of the core cannot be measured without the JVM flag --add-modules=jdk.incubator.vector");
        }
        try {
            // By reflection, as this class must load in a JVM without the module.
            return (Fma) Class.forName("org.bybert.encoder.kernel.vector.FmaLoop").getConstructor().newInstance();
        } catch (InvocationTargetException | ExceptionInInitializerError e) {
            throw new IllegalStateException("the FMA loop cannot start: " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the FMA loop is not on the class path: " + e, e);
        }
    }
}
