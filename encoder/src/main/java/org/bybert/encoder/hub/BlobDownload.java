package org.bybert.encoder.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.bybert.encoder.ModelException;
import org.bybert.encoder.checkpoint.ContentHash;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one file into the cache: by one process at a time, resumed where an earlier attempt ended, verified by size and
 * hash, and only then under its name.
 */
final class BlobDownload {

    private static final Logger LOG = LoggerFactory.getLogger(BlobDownload.class);
    /** What a connection must bring for the failures before it to be forgiven. */
    private static final long PROGRESS = 1 << 20;

    private final HubSettings settings;
    private final HubHttp http;
    private final HubCache cache;
    private final HubErrors errors;
    private final HubId id;
    private final RemoteFile file;
    private final URI uri;
    private final Path partial;

    BlobDownload(HubSettings settings, HubHttp http, HubCache cache, HubErrors errors, HubId id, RemoteFile file,
                 URI uri) {
        this.settings = settings;
        this.http = http;
        this.cache = cache;
        this.errors = errors;
        this.id = id;
        this.file = file;
        this.uri = uri;
        this.partial = cache.partial(id, file.etag());
    }

    /**
     * @throws Unreachable    where the hub stops answering
     * @throws ModelException where what it sends is not the file, or the cache cannot be written
     */
    void run() throws Unreachable {
        Path blob = cache.blob(id, file.etag());
        try {
            if (isThere(blob)) {
                return;
            }
            try (FileLocks.Held held = FileLocks.acquire(cache.lock(id, file.etag()))) {
                if (!isThere(blob)) {
                    if (Files.exists(blob)) {
                        LOG.warn("{}: not of the {} bytes that it should have; it is downloaded anew", blob, file.size());
                    }
                    Files.createDirectories(blob.getParent());
                    download();
                    Files.move(partial, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (Unreachable e) {
            throw e;
        } catch (IOException e) {
            throw cache.notWritable(e);
        }
    }

    private boolean isThere(Path blob) throws IOException {
        return Files.isRegularFile(blob) && (file.size() < 0 || Files.size(blob) == file.size());
    }

    private void download() throws IOException {
        if (file.size() >= 0 && there() > file.size()) {
            Files.delete(partial);
        }
        checkRoom();
        boolean resumed = there() > 0;
        Progress progress = new Progress(id.repository() + " " + file.name(), file.size(), there());
        Retry retry = new Retry(settings.pause());
        while (true) {
            receive(progress, retry);
            String problem = problem();
            if (problem == null) {
                progress.done(there());
                return;
            }
            Files.delete(partial);
            if (!resumed) {
                throw new ModelException(uri + ": " + problem + "; nothing of it was kept");
            }
            // What was there may have been damaged: once more from the start.
            LOG.warn("{}: {} after resuming; it is downloaded anew", uri, problem);
            resumed = false;
            progress = new Progress(id.repository() + " " + file.name(), file.size(), 0);
        }
    }

    private long there() throws IOException {
        return Files.exists(partial) ? Files.size(partial) : 0;
    }

    private void checkRoom() throws IOException {
        long free = Files.getFileStore(partial.getParent()).getUsableSpace();
        if (file.size() - there() > free) {
            throw new ModelException(partial.getParent() + ": " + (file.size() - there()) / 1_000_000
                    + " MB are needed for " + file.name() + ", " + free / 1_000_000
                    + " MB are free; set HF_HUB_CACHE to a folder with more room");
        }
    }

    /** Receives all that is missing, in as many connections as it takes. */
    private void receive(Progress progress, Retry retry) throws IOException {
        try (FileChannel out = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            boolean complete = out.size() == file.size();
            while (!complete) {
                long before = out.size();
                try {
                    complete = receiveOnce(out, progress);
                } catch (NetworkFailure e) {
                    if (out.size() - before >= PROGRESS) {
                        retry.progress();
                    }
                    retry.after(e);
                }
            }
        }
    }

    /** @return whether the file has arrived as far as its size tells */
    private boolean receiveOnce(FileChannel out, Progress progress) throws IOException {
        HttpResponse<InputStream> response = open(out.size());
        try (InputStream body = new PatientStream(response.body(), settings.patience())) {
            int status = response.statusCode();
            boolean continues = status == 206 && response.headers().firstValue("Content-Range").orElse("")
                    .startsWith("bytes " + out.size() + "-");
            if (!continues) {
                out.truncate(0);
            }
            if (status == 416 || status == 206 && !continues) {
                throw new NetworkFailure(uri + ": the server does not send the range that was asked for", null);
            }
            if (status != 200 && status != 206) {
                throw errors.of(id, response);
            }
            copy(body, out, progress);
        }
        if (file.size() >= 0 && out.size() < file.size()) {
            throw new NetworkFailure(uri + ": ended after " + out.size() + " of " + file.size() + " bytes", null);
        }
        return true;
    }

    private HttpResponse<InputStream> open(long from) throws NetworkFailure {
        try {
            return http.get(uri, from);
        } catch (IOException e) {
            throw new NetworkFailure(e.getMessage(), e);
        }
    }

    private void copy(InputStream body, FileChannel out, Progress progress) throws IOException {
        byte[] buffer = new byte[1 << 16];
        out.position(out.size());
        for (int read = read(body, buffer); read >= 0; read = read(body, buffer)) {
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            if (file.size() >= 0 && out.position() > file.size()) {
                out.truncate(0);
                throw new ModelException(uri + ": expected " + file.size() + " bytes, as the hub announced, found more; "
                        + "nothing of it was kept");
            }
            progress.at(out.position());
        }
    }

    private int read(InputStream body, byte[] buffer) throws NetworkFailure {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw new NetworkFailure(uri + ": the connection broke: " + e.getMessage(), e);
        }
    }

    /** What is wrong with the whole file, or null. */
    private String problem() throws IOException {
        if (!file.isSha256() && !file.isGitBlob()) {
            LOG.warn("{}: the server names it {}, which is no hash: its content cannot be verified", uri, file.etag());
            return null;
        }
        String found = file.isSha256() ? ContentHash.sha256(partial) : ContentHash.gitBlob(partial);
        return found.equals(file.etag()) ? null : "expected " + (file.isSha256() ? "SHA-256 " : "Git blob ")
                + file.etag() + ", found " + found;
    }

    /** Reading failed, not writing: worth another try. */
    private static final class NetworkFailure extends IOException {

        NetworkFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
