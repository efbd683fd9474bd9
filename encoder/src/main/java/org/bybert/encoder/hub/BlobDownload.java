package org.bybert.encoder.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.bybert.encoder.checkpoint.ContentHash;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.HubApi.RemoteFile;
import org.bybert.encoder.hub.Retry.Unreachable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one file into the cache: by one process at a time, resumed where an earlier attempt ended, verified by size and
 * hash, and only then under its name.
 */
final class BlobDownload {

    private static final Logger LOG = LoggerFactory.getLogger(BlobDownload.class);

    private final HubCache cache;
    private final HubId id;
    private final RemoteFile file;
    private final URI uri;
    private final Path partial;
    private final Transfer transfer;

    BlobDownload(HubSettings settings, HubHttp http, HubCache cache, HubErrors errors, HubId id, RemoteFile file,
                 URI uri) {
        this.cache = cache;
        this.id = id;
        this.file = file;
        this.uri = uri;
        this.partial = cache.partial(id, file.etag());
        this.transfer = new Transfer(settings, http, errors, id, file, uri);
    }

    /**
     * @throws Unreachable    where the hub stops answering
     * @throws ModelException where what it sends is not the file, or the cache cannot be written
     */
    void run() throws Unreachable {
        Path blob = cache.blob(id, file.etag());
        try {
            if (!isThere(blob)) {
                FileLocks.holding(cache.lock(id, file.etag()), () -> bring(blob));
            }
        } catch (Unreachable e) {
            throw e;
        } catch (IOException e) {
            throw cache.notWritable(e);
        }
    }

    private void bring(Path blob) throws IOException {
        if (isThere(blob)) {
            return;
        }
        if (Files.exists(blob)) {
            LOG.warn("{}: expected {} bytes, found {}; it is downloaded anew", blob, file.size(), Files.size(blob));
        }
        Files.createDirectories(blob.getParent());
        download();
        Files.move(partial, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
        DownloadLog progress = new DownloadLog(id.repository() + " " + file.name(), file.size(), there());
        while (true) {
            transfer.into(partial, progress);
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
            progress = new DownloadLog(id.repository() + " " + file.name(), file.size(), 0);
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
}
