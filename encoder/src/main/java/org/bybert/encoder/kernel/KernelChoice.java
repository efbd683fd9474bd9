package org.bybert.encoder.kernel;

import java.lang.reflect.InvocationTargetException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which kernels this JVM uses, decided once.
 *
 * <p>The system property {@value #PROPERTY} forces {@code scalar}, {@code vector} (the CPU's preferred width) or
 * {@code vector-128}, {@code vector-256}, {@code vector-512}. Without it the Vector API is used where its module is in
 * the JVM, else the scalar kernels with one warning.
 */
public final class KernelChoice {

    public static final String PROPERTY = "bybert.kernels";
    static final List<String> VALUES = List.of("scalar", "vector", "vector-128", "vector-256", "vector-512");
    private static final String VECTOR_CLASS = "org.bybert.encoder.kernel.vector.VectorKernels";
    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    /** What a JVM without the Vector API lacks. */
    public static final String VECTOR_FLAG = "--add-modules=" + VECTOR_MODULE;
    private static final Logger LOG = LoggerFactory.getLogger(KernelChoice.class);

    private KernelChoice() {
    }

    private static final class Chosen {
        static final Kernels KERNELS = choose(System.getProperty(PROPERTY));
    }

    /** The kernels of this JVM. */
    public static Kernels kernels() {
        return Chosen.KERNELS;
    }

    static Kernels choose(String forced) {
        if (forced != null && !VALUES.contains(forced)) {
            throw new IllegalArgumentException("system property " + PROPERTY + ": expected one of " + VALUES
                    + ", found \"" + forced + '"');
        }
        if ("scalar".equals(forced)) {
            return new ScalarKernels();
        }
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            if (forced != null) {
                throw new IllegalStateException("system property " + PROPERTY + "=" + forced
                        + " needs the JVM flag " + VECTOR_FLAG);
            }
            LOG.warn("The module {} is not in this JVM: scalar kernels are used, many times slower. Start the JVM with "
                    + "{} (Spark's own launcher does; for executors started otherwise put it into "
                    + "spark.executor.extraJavaOptions).", VECTOR_MODULE, VECTOR_FLAG);
            return new ScalarKernels();
        }
        return vectorKernels();
    }

    /** By reflection: a JVM without the module must be able to load every class but that one. */
    private static Kernels vectorKernels() {
        try {
            return (Kernels) Class.forName(VECTOR_CLASS).getConstructor().newInstance();
        } catch (InvocationTargetException | ExceptionInInitializerError e) {
            throw new IllegalStateException("the vector kernels cannot start: " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the vector kernels are not on the class path: " + e, e);
        }
    }
}
