package org.bybert.encoder.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bybert.encoder.error.ModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which kernels this JVM uses, decided once.
 *
 * <p>The system property {@value #PROPERTY} forces {@code scalar}, {@code vector} (the CPU's preferred width) or
 * {@code vector-128}, {@code vector-256}, {@code vector-512}. Without it the Vector API is used where its module is in
 * the JVM and HotSpot's C2 compiles, else the scalar kernels with one warning.
 */
public final class KernelChoice {

    public static final String PROPERTY = "bybert.kernels";
    static final List<String> VALUES = List.of("scalar", "vector", "vector-128", "vector-256", "vector-512");
    private static final String VECTOR_PACKAGE = "org.bybert.encoder.kernel.vector.";
    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    /** What a JVM without the Vector API lacks. */
    public static final String VECTOR_FLAG = "--add-modules=" + VECTOR_MODULE;

    private static final int C2_LEVEL = 4;
    private static final Logger LOG = LoggerFactory.getLogger(KernelChoice.class);

    private static Kernels chosen;
    /** Why there are none; kept, so that every call tells it. */
    private static String error;

    private KernelChoice() {}

    /** A loop of nothing but fused multiply-adds on registers: the most that the core can do at this vector width. */
    public interface Fma {

        /** Floating-point operations of one {@link #run}; a call takes some tens of microseconds. */
        double flops();

        /** Runs the loop; the result keeps the compiler from leaving it out. */
        float run();
    }

    /**
     * The kernels of this JVM.
     *
     * @throws ModelException on every call, where the property has a value that cannot be had
     */
    public static synchronized Kernels kernels() {
        if (chosen == null && error == null) {
            try {
                chosen = choose(System.getProperty(PROPERTY));
            } catch (ModelException e) {
                error = e.getMessage();
            }
        }
        if (error != null) {
            throw new ModelException(error + " (host " + ModelException.host() + ")");
        }
        return chosen;
    }

    /**
     * The loop that tells what this JVM can reach at most.
     *
     * @throws ModelException where the JVM lacks the Vector API, without which the peak cannot be reached
     */
    public static Fma fma() {
        if (isModuleMissing()) {
            throw new ModelException("the peak of the core cannot be measured without the JVM flag " + VECTOR_FLAG);
        }
        return vector(Fma.class, "FmaLoop");
    }

    static Kernels choose(String forced) {
        if (forced != null && !VALUES.contains(forced)) {
            throw new ModelException(
                    "system property " + PROPERTY + ": expected one of " + VALUES + ", found \"" + forced + '"');
        }
        if ("scalar".equals(forced)) {
            return new ScalarKernels();
        }
        if (isModuleMissing()) {
            if (forced != null) {
                throw new ModelException(
                        "system property " + PROPERTY + "=" + forced + " needs the JVM flag " + VECTOR_FLAG);
            }
            LOG.warn(
                    "The module {} is not in this JVM: scalar kernels are used, many times slower. Start the JVM with "
                            + "{} (Spark's own launcher does; for executors started otherwise put it into "
                            + "spark.executor.extraJavaOptions).",
                    VECTOR_MODULE,
                    VECTOR_FLAG);
            return new ScalarKernels();
        }
        String obstacle = forced == null ? obstacle(System::getProperty, KernelChoice::flag) : null;
        if (obstacle != null) {
            LOG.warn(
                    "{}: scalar kernels are used, many times slower than vector kernels with C2. Start the JVM otherwise; "
                            + "-D{}=vector forces vector kernels.",
                    obstacle,
                    PROPERTY);
            return new ScalarKernels();
        }
        return vector(Kernels.class, "VectorKernels");
    }

    private static boolean isModuleMissing() {
        return ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty();
    }

    /**
     * What keeps this JVM from compiling vector operations to instructions, or null. Only C2 does; all others make an
     * object of every operation's result, and scalar kernels are faster by far.
     *
     * @param flag from a flag of HotSpot to its value, or null where there is none
     */
    static String obstacle(UnaryOperator<String> property, UnaryOperator<String> flag) {
        String name = String.valueOf(property.apply("java.vm.name"));
        String mode = String.valueOf(property.apply("java.vm.info"));
        String level = flag.apply("TieredStopAtLevel");
        if (!name.endsWith("Server VM")) {
            return "This JVM (" + name + ") does not have HotSpot's C2 compiler";
        }
        if (mode.startsWith("interpreted")) {
            return "This JVM compiles nothing (-Xint)";
        }
        if (level != null && Integer.parseInt(level) < C2_LEVEL) {
            return "This JVM does without the C2 compiler (-XX:TieredStopAtLevel=" + level + ")";
        }
        if (mode.contains("emulated-client")) {
            return "This JVM does without the C2 compiler (-XX:TieredStopAtLevel or -XX:CompilationMode)";
        }
        return "true".equals(flag.apply("UseJVMCICompiler"))
                ? "This JVM has another compiler in the place of C2 (-XX:+UseJVMCICompiler)"
                : null;
    }

    private static String flag(String name) {
        try {
            HotSpotDiagnosticMXBean bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return bean == null ? null : bean.getVMOption(name).getValue();
        } catch (LinkageError | IllegalArgumentException e) {
            // A JVM without the module jdk.management, or without this flag.
            return null;
        }
    }

    /** By reflection: a JVM without the module must be able to load every class but those of that package. */
    private static <T> T vector(Class<T> type, String name) {
        try {
            return type.cast(
                    Class.forName(VECTOR_PACKAGE + name).getConstructor().newInstance());
        } catch (InvocationTargetException | ExceptionInInitializerError e) {
            throw new ModelException("the vector kernels cannot start: " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new ModelException("the vector kernels are not on the class path: " + e, e);
        }
    }
}
