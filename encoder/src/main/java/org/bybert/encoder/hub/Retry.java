package org.bybert.encoder.hub;

import java.io.IOException;
import java.time.Duration;
import org.bybert.encoder.error.ModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts failures of one undertaking and waits longer after each. */
final class Retry {

    /** The hub gives no answer, or one that says it is in trouble: worth another try, and no verdict on the model. */
    static final class Unreachable extends IOException {

        Unreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    static final int ATTEMPTS = 5;

    private static final Logger LOG = LoggerFactory.getLogger(Retry.class);

    private final Duration pause;
    private int failures;

    Retry(Duration pause) {
        this.pause = pause;
    }

    /** Something that may fail because of the network. */
    interface Attempt<T> {
        T run() throws IOException;
    }

    static <T> T run(Duration pause, Attempt<T> attempt) throws Unreachable {
        Retry retry = new Retry(pause);
        while (true) {
            try {
                return attempt.run();
            } catch (IOException e) {
                retry.after(e);
            }
        }
    }

    /** What went well makes up for earlier failures. */
    void progress() {
        failures = 0;
    }

    /**
     * Waits before the next attempt.
     *
     * @throws Unreachable where there have been enough
     */
    void after(IOException failure) throws Unreachable {
        failures++;
        if (failures == ATTEMPTS) {
            throw new Unreachable(reason(failure) + " (tried " + ATTEMPTS + " times)", failure);
        }
        Duration wait = pause.multipliedBy(1L << (failures - 1));
        LOG.info("{}; trying again in {} s", reason(failure), wait.toMillis() / 1000.0);
        try {
            Thread.sleep(wait.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException("interrupted while waiting for the hub", e);
        }
    }

    private static String reason(IOException failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
