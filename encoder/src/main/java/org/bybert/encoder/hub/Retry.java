package org.bybert.encoder.hub;

import java.io.IOException;
import java.time.Duration;
import org.bybert.encoder.error.ModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries again what the network has let fail, and waits longer after each failure. */
final class Retry {

    /** The hub gives no answer, or one that says it is in trouble: worth another try, and no verdict on the model. */
    static final class Unreachable extends IOException {

        Unreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Something that may fail because of the network. */
    interface Attempt<T> {
        T run() throws IOException;
    }

    private static final int ATTEMPTS = 5;
    private static final Logger LOG = LoggerFactory.getLogger(Retry.class);

    private final Duration pause;
    private int failures;

    /** @param pause before the second attempt; doubles with each further one */
    Retry(Duration pause) {
        this.pause = pause;
    }

    /** @throws Unreachable where there have been enough attempts; what else an attempt throws ends it at once */
    <T> T run(Attempt<T> attempt) throws IOException {
        while (true) {
            try {
                return attempt.run();
            } catch (Unreachable e) {
                failures++;
                if (failures == ATTEMPTS) {
                    throw new Unreachable(e.getMessage() + " (tried " + ATTEMPTS + " times)", e);
                }
                long millis = pause.toMillis() << failures - 1;
                LOG.info("{}; trying again in {} s", e.getMessage(), millis / 1000.0);
                sleep(millis, "the hub");
            }
        }
    }

    /** What went well makes up for earlier failures. */
    void progress() {
        failures = 0;
    }

    static void sleep(long millis, String awaited) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException("interrupted while waiting for " + awaited, e);
        }
    }
}
