package org.bybert.encoder.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.HubApi.RemoteFile;
import org.bybert.encoder.hub.HubHttp.Answer;
import org.bybert.encoder.hub.Retry.Unreachable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one file into the cache: by one process at a time, resumed where an earlier attempt ended, verified by size and
 * hash, and only then under its name.
 */
record BlobDownload(HubApi api, RemoteFile file) {

    private static final Logger LOG = LoggerFactory.getLogger(BlobDownload.class);

    /** What a connection must bring for the failures before it to be forgiven. */
    private static final long ENOUGH = 1 << 20;
    /** Smaller files are there at once. */
    private static final long SMALL = 1 << 20;

    private static final int STEPS = 10;
    private static final long QUIET_NANOS = 5_000_000_000L;

    /**
     * @throws Unreachable    where the hub stops answering
     * @throws ModelException where what it sends is not the file
     * @throws IOException    where the cache cannot be written
     */
    void run() throws IOException {
        if (!isThere()) {
            FileLocks.holding(api.cache().lock(file.id(), file.etag()), this::bring);
        }
    }

    private Path blob() {
        return api.cache().blob(file.id(), file.etag());
    }

    private Path partial() {
        return api.cache().blob(file.id(), file.etag() + ".bybert.incomplete");
    }

    private boolean isThere() throws IOException {
        return Files.isRegularFile(blob()) && (file.size() < 0 || Files.size(blob()) == file.size());
    }

    private void bring() throws IOException {
        if (isThere()) {
            return;
        }
        if (Files.exists(blob())) {
            LOG.warn("{}: expected {} bytes, found {}; it is downloaded anew", blob(), file.size(), Files.size(blob()));
        }
        Files.createDirectories(blob().getParent());
        download();
        Files.move(partial(), blob(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void download() throws IOException {
        if (file.size() >= 0 && there() > file.size()) {
            Files.delete(partial());
        }
        checkRoom();
        boolean resumed = there() > 0;
        String problem = receive();
        if (problem != null && resumed) {
            // What was there may have been damaged: once more from the start.
            LOG.warn("{}: {} after resuming; it is downloaded anew", file.uri(), problem);
            problem = receive();
        }
        if (problem != null) {
            throw new ModelException(file.uri() + ": " + problem + "; nothing of it was kept");
        }
    }

    private long there() throws IOException {
        return Files.exists(partial()) ? Files.size(partial()) : 0;
    }

    private void checkRoom() throws IOException {
        long free = Files.getFileStore(partial().getParent()).getUsableSpace();
        if (file.size() - there() > free) {
            throw new ModelException(partial().getParent() + ": " + (file.size() - there()) / 1_000_000
                    + " MB are needed for " + file.name() + ", " + free / 1_000_000
                    + " MB are free; set HF_HUB_CACHE to a folder with more room");
        }
    }

    /**
     * Appends all that is missing, in as many connections as it takes.
     *
     * @return what is wrong with the whole file, which is then deleted, or null
     */
    private String receive() throws IOException {
        Progress progress = new Progress(there());
        Retry retry = api.retry();
        try (FileChannel out = FileChannel.open(partial(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (out.size() != file.size()) {
                retry.run(() -> receiveOnce(out, progress, retry));
            }
        }
        String problem = problem();
        if (problem == null) {
            progress.done(there());
        } else {
            Files.delete(partial());
        }
        return problem;
    }

    /** @return the size that the file has then */
    private long receiveOnce(FileChannel out, Progress progress, Retry retry) throws IOException {
        try (Answer answer = api.open(file, out.size())) {
            boolean continues =
                    answer.status() == 206 && answer.header("Content-Range").startsWith("bytes " + out.size() + "-");
            if (!continues) {
                out.truncate(0);
                if (answer.status() != 200) {
                    throw new Unreachable(file.uri() + ": the server does not send the range that was asked for", null);
                }
            }
            copy(answer.body(), out, progress, retry);
        }
        if (out.size() < file.size()) {
            throw new Unreachable(file.uri() + ": ended after " + out.size() + " of " + file.size() + " bytes", null);
        }
        return out.size();
    }

    private void copy(InputStream body, FileChannel out, Progress progress, Retry retry) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long start = out.size();
        out.position(start);
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            if (file.size() >= 0 && out.position() > file.size()) {
                out.truncate(0);
                throw new ModelException(file.uri() + ": expected " + file.size() + " bytes, as the hub announced, "
                        + "found more; nothing of it was kept");
            }
            if (out.position() - start >= ENOUGH) {
                retry.progress();
            }
            progress.at(out.position());
        }
    }

    private String problem() throws IOException {
        boolean sha256 = file.etag().matches("[0-9a-f]{64}");
        if (!sha256 && !file.etag().matches("[0-9a-f]{40}")) {
            LOG.warn(
                    "{}: the server names it {}, which is no hash: its content cannot be verified",
                    file.uri(),
                    file.etag());
            return null;
        }
        String found = sha256 ? Fingerprint.sha256(partial()) : Fingerprint.gitBlob(partial());
        return found.equals(file.etag())
                ? null
                : "expected " + (sha256 ? "SHA-256 " : "Git blob ") + file.etag() + ", found " + found;
    }

    /** Log lines: at most one for each tenth of the file and for each five seconds, and none for a small one. */
    private final class Progress {

        private final String name = file.id().repository() + " " + file.name();
        private final long size = file.size();
        private final long resumed;
        private final long start = System.nanoTime();
        private long lastLine = start;
        private long lastStep;

        /** @param resumed bytes that were there before */
        Progress(long resumed) {
            this.resumed = resumed;
            this.lastStep = step(resumed);
            if (!isSmall()) {
                LOG.info(
                        "{}: downloading {} MB{}",
                        name,
                        megabytes(size),
                        resumed > 0 ? ", of which " + megabytes(resumed) + " are there" : "");
            }
        }

        void at(long bytes) {
            long now = System.nanoTime();
            if (step(bytes) > lastStep && bytes < size && now - lastLine >= QUIET_NANOS) {
                lastStep = step(bytes);
                lastLine = now;
                LOG.info(
                        "{}: {} of {} MB, {} %, {} MB/s",
                        name, megabytes(bytes), megabytes(size), 100 * bytes / size, rate(bytes, now));
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

        private long step(long bytes) {
            return size <= 0 ? 0 : STEPS * bytes / size;
        }

        private String rate(long bytes, long now) {
            return megabytes((long) ((bytes - resumed) / Math.max(1e-3, (now - start) / 1e9)));
        }

        private static String megabytes(long bytes) {
            return bytes < 0 ? "?" : String.format(Locale.ROOT, "%.1f", bytes / 1e6);
        }
    }
}
