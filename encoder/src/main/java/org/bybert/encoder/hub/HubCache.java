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
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.checkpoint.ModelFiles;
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

    /** What keeps the copy of a model from being used, and what there is instead; null where it is whole. */
    String problem(HubId id) {
        Path repository = repository(id);
        if (!Files.isDirectory(repository)) {
            return "not in the cache " + folder;
        }
        Optional<String> commit = commit(id);
        Path snapshot = commit.map(found -> snapshot(id.at(found))).orElse(null);
        if (snapshot == null || !Files.isDirectory(snapshot)) {
            List<String> snapshots = names(repository.resolve("snapshots"));
            return repository + ": the cache has no "
                    + (snapshot == null ? "refs/" + id.revision() : "snapshots/" + commit.get())
                    + (snapshots.isEmpty()
                            ? " of it, nor any other snapshot"
                            : " of it, but " + snapshots + "; name such a commit: " + id.at(snapshots.get(0)));
        }
        List<String> lacking = ModelFiles.lacking(snapshot);
        if (!lacking.isEmpty()) {
            return snapshot + ": the cached copy lacks " + String.join(", ", lacking) + "; it has " + names(snapshot);
        }
        try {
            for (String name : ModelFiles.list(snapshot)) {
                String damage = Fingerprint.damage(snapshot.resolve(name));
                if (damage != null) {
                    return damage;
                }
            }
        } catch (IOException e) {
            return snapshot + ": the cached copy cannot be read: " + e;
        }
        return null;
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
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
        return names(folder).stream()
                .filter(name -> name.startsWith("models--"))
                .map(name -> name.substring("models--".length()).replaceFirst("--", "/"))
                .toList();
    }
}
