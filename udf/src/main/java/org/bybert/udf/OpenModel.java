package org.bybert.udf;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import org.bybert.encoder.Encoder;
import org.bybert.encoder.Session;

/** One model of this JVM with the idle sessions of the task threads that share it. */
public final class OpenModel {

    private final Encoder encoder;
    private final long openMillis;
    private final ConcurrentLinkedDeque<Session> idle = new ConcurrentLinkedDeque<>();

    OpenModel(Encoder encoder, long openMillis) {
        this.encoder = encoder;
        this.openMillis = openMillis;
    }

    public Encoder encoder() {
        return encoder;
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
