package org.bybert.udf;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Session;

/** One model of this JVM with the idle sessions of the task threads that share it. */
public final class OpenModel {

    private final ByBert encoder;
    private final String fingerprint;
    private final long openMillis;
    private final ConcurrentLinkedDeque<Session> idle = new ConcurrentLinkedDeque<>();

    OpenModel(ByBert encoder, String fingerprint, long openMillis) {
        this.encoder = encoder;
        this.fingerprint = fingerprint;
        this.openMillis = openMillis;
    }

    public ByBert encoder() {
        return encoder;
    }

    /** What this JVM read, or null where the reference was not resolved and nothing had to be compared. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Time it took to open the model, in milliseconds. */
    public long openMillis() {
        return openMillis;
    }

    /** Lends the calling thread a session; there are as many as threads have ever needed at once. */
    public <T> T withSession(Function<Session, T> work) {
        Session session = idle.pollFirst();
        if (session == null) {
            session = encoder.newSession();
        }
        try {
            return work.apply(session);
        } finally {
            idle.addFirst(session);
        }
    }
}
