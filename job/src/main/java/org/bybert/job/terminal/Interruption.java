package org.bybert.job.terminal;

import java.util.function.Supplier;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.util.ShutdownHookManager;
import org.apache.spark.util.SignalUtils;
import scala.runtime.BoxedUnit;

/**
 * Ctrl-C, kill, or Spark ending this JVM in the middle of a command: what is held is let go, and one line says how to go
 * on. The exit code stays what it is: 130 and 143 after signals, 52 where memory ran out.
 */
public final class Interruption implements AutoCloseable {

    /** Before Spark's own, which stops what runs (50), and long before Hadoop's file systems are closed. */
    private static final int PRIORITY = 60;

    private static volatile String signal;
    private static volatile boolean ending;

    private final Object hook;
    private volatile AutoCloseable held = () -> {};

    /** @param advice how to go on */
    public Interruption(Terminal terminal, Supplier<String> advice) {
        for (String name : new String[] {"INT", "TERM"}) {
            // False hands it on to the JVM, which then ends as it always does.
            SignalUtils.register(name, () -> {
                signal = name;
                return false;
            });
        }
        hook = ShutdownHookManager.addShutdownHook(PRIORITY, () -> {
            ending = true;
            // What is cut off in the middle complains.
            Configurator.setAllLevels("", Level.OFF);
            release();
            terminal.remark(
                    signal != null
                            ? "interrupted; " + advice.get()
                            : "Spark ended this process, most often for lack of memory (exit code "
                                    + Failure.OUT_OF_MEMORY + "); " + Failure.MORE_MEMORY + "; " + advice.get());
            return BoxedUnit.UNIT;
        });
    }

    /** @param resource that must not outlive this process; closing it twice does nothing */
    public void holds(AutoCloseable resource) {
        held = resource;
    }

    private void release() {
        try {
            held.close();
        } catch (Exception e) {
            // This process ends either way, and what it leaves behind is known as that.
        }
    }

    /** Whether this process is ending: errors that come now are no news. */
    public static boolean isEnding() {
        return ending;
    }

    @Override
    public void close() {
        ShutdownHookManager.removeShutdownHook(hook);
    }
}
