package org.bybert.encoder.hub;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.bybert.encoder.hub.HubApi.RemoteFile;

/**
 * The cache of Hugging Face's own tools: {@code models--org--name} with {@code blobs} named by their hashes,
 * {@code snapshots/COMMIT} of links into them, and {@code refs/REVISION} that hold commits.
 *
 * @see <a href="https://huggingface.co/docs/huggingface_hub/guides/manage-cache">the layout</a>
 */
record HubCache(Path folder) {

    private static String directory(HubId id) {
        return "models--" + id.org() + "--" + id.name();
    }

    private Path repository(HubId id) {
        return folder.resolve(directory(id));
    }

    Path snapshot(HubId pinned) {
        return repository(pinned).resolve("snapshots").resolve(pinned.revision());
    }

    Path blob(HubId id, String etag) {
        return repository(id).resolve("blobs").resolve(etag);
    }

    /**
     * Not the lock of Python's tools, which is of another kind (flock) and would not keep them out: each writes to a
     * partial file of its own, and whoever is first renames it into place.
     */
    Path lock(HubId id, String etag) {
        return folder.resolve(".locks").resolve(directory(id)).resolve(etag + ".bybert.lock");
    }

    /** The commit that a revision stood for when the hub was last asked. */
    Optional<String> commit(HubId id) {
        if (id.isPinned()) {
            return Optional.of(id.revision());
        }
        try {
            return Optional.of(Files.readString(ref(id)).strip()).filter(HubId::isCommit);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    void remember(HubId id, String commit) throws IOException {
        if (!id.isPinned() && !commit(id).equals(Optional.of(commit))) {
            Files.createDirectories(ref(id).getParent());
            Path written = beside(ref(id));
            Files.writeString(written, commit);
            Files.move(written, ref(id), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** A name for an unfinished file; one that the JDK makes for it could be read by its owner alone. */
    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    }

    private Path ref(HubId id) {
        return repository(id).resolve("refs").resolve(id.revision());
    }

    /** Puts a blob into a snapshot: a relative link, or a copy where the file system has none. */
    void link(RemoteFile file) throws IOException {
        Path link = snapshot(file.id()).resolve(file.name());
        Files.createDirectories(link.getParent());
        if (Files.exists(link)) {
            return;
        }
        Path blob = blob(file.id(), file.etag());
        try {
            // One that leads nowhere: its blob was deleted.
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, link.getParent().relativize(blob));
        } catch (FileAlreadyExistsException e) {
            // Another process was as fast.
        } catch (UnsupportedOperationException | FileSystemException e) {
            Path copy = beside(link);
            Files.copy(blob, copy);
            Files.move(copy, link, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Ids of the models that have a folder here. */
    List<String> repositories() {
        try (Stream<Path> folders = Files.list(folder)) {
            return folders.map(path -> path.getFileName().toString()).filter(name -> name.startsWith("models--"))
                    .map(name -> name.substring("models--".length()).replaceFirst("--", "/")).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
