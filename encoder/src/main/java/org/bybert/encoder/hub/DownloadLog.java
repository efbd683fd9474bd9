package org.bybert.encoder.hub;

import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log lines of one download: at most one for each tenth of the file and for each five seconds, and none for files that
 * are there at once.
 */
final class DownloadLog {

    private static final Logger LOG = LoggerFactory.getLogger(DownloadLog.class);
    private static final long SMALL = 1 << 20;
    private static final int STEPS = 10;
    private static final long QUIET_NANOS = 5_000_000_000L;

    private final String name;
    private final long size;
    private final long resumed;
    private final long start = System.nanoTime();
    private long lastLine = start;
    private int lastStep;

    /** @param resumed bytes that were there before */
    DownloadLog(String name, long size, long resumed) {
        this.name = name;
        this.size = size;
        this.resumed = resumed;
        this.lastStep = step(resumed);
        if (!isSmall()) {
            LOG.info("{}: downloading {} MB{}", name, megabytes(size),
                    resumed > 0 ? ", of which " + megabytes(resumed) + " are there" : "");
        }
    }

    void at(long bytes) {
        long now = System.nanoTime();
        if (step(bytes) > lastStep && bytes < size && now - lastLine >= QUIET_NANOS) {
            lastStep = step(bytes);
            lastLine = now;
            LOG.info("{}: {} of {} MB, {} %, {} MB/s", name, megabytes(bytes), megabytes(size), 100 * bytes / size,
                    rate(bytes, now));
        }
    }

    void done(long bytes) {
        if (!isSmall()) {
            LOG.info("{}: {} MB downloaded, {} MB/s", name, megabytes(bytes), rate(bytes, System.nanoTime()));
        }
    }

    private boolean isSmall() {
        return size >= 0 && size < SMALL;
    }

    private int step(long bytes) {
        return size <= 0 ? 0 : (int) (STEPS * bytes / size);
    }

    private String rate(long bytes, long now) {
        return megabytes((long) ((bytes - resumed) / Math.max(1e-3, (now - start) / 1e9)));
    }

    private static String megabytes(long bytes) {
        return bytes < 0 ? "?" : String.format(Locale.ROOT, "%.1f", bytes / 1e6);
    }
}
