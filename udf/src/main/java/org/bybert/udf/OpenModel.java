package org.bybert.udf;

import java.util.function.Function;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Session;

/** One model of this JVM, which its task threads share. */
public final class OpenModel {

    private final ByBert encoder;
    private final String fingerprint;
    private final long openMillis;

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

    /** As {@link ByBert#withSession}. */
    public <T> T withSession(Function<Session, T> work) {
        return encoder.withSession(work);
    }
}
