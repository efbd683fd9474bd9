package org.bybert.encoder.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A body whose reads end with an error where no byte comes for too long; the HTTP client has no such limit. */
final class PatientStream extends FilterInputStream {

    private final Duration patience;
    private volatile boolean stalled;

    PatientStream(InputStream body, Duration patience) {
        super(body);
        this.patience = patience;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        CompletableFuture<Void> arrived = new CompletableFuture<Void>()
                .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture<Void> unused = arrived.whenComplete((nothing, timeout) -> {
            if (timeout != null) {
                giveUp();
            }
        });
        try {
            return super.read(bytes, from, length);
        } catch (IOException e) {
            throw stalled ? new IOException("no data for " + patience.toMillis() / 1000.0 + " s", e) : e;
        } finally {
            arrived.complete(null);
        }
    }

    private void giveUp() {
        stalled = true;
        try {
            close();
        } catch (IOException e) {
            // The reader gets its own error.
        }
    }
}
