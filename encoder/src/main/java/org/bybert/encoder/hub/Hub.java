package org.bybert.encoder.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.HubApi.RemoteFile;
import org.bybert.encoder.hub.Retry.Unreachable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Models by their ids: from the cache that this machine shares with Hugging Face's own tools, or downloaded into it. */
public record Hub(HubSettings settings, HubApi api) {

    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

    public Hub(HubSettings settings) {
        this(settings, new HubApi(settings));
    }

    /**
     * A model on this machine.
     *
     * @param id     with a commit for its revision
     * @param folder holds the model's files
     */
    public record Snapshot(HubId id, Path folder) {}

    /**
     * Finds a model, and downloads what is missing of it. A commit that is in the cache needs no network; what a branch
     * stands for is asked each time, and taken from the cache with a warning where the hub cannot be reached. What broke
     * in the cache is downloaded anew.
     *
     * @throws ModelException saying what to do where the model cannot be had
     */
    public Snapshot resolve(HubId id) {
        String problem = api.cache().problem(id);
        Optional<Snapshot> cached =
                api.cache().commit(id).filter(commit -> problem == null).map(commit -> snapshot(id.at(commit)));
        if (settings.offline()) {
            return cached.orElseThrow(() -> new ModelException(id + ": " + problem + "; the hub is not asked, as "
                    + "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set: unset it, or name the cache that has the model "
                    + "with HF_HUB_CACHE"));
        }
        if (id.isPinned()
                && cached.isPresent()
                && Files.isRegularFile(cached.get().folder().resolve(ModelFiles.TOKENIZER))) {
            return cached.get();
        }
        try {
            return download(id);
        } catch (IOException e) {
            cached.ifPresent(found -> LOG.warn(
                    "{}: {}; using the cached commit {}",
                    id,
                    e.getMessage(),
                    found.id().revision()));
            return cached.orElseThrow(() -> new ModelException(
                    id + ": the hub cannot be reached: " + e.getMessage() + "; " + problem
                            + "; try again, or give --model a folder",
                    e));
        }
    }

    private Snapshot snapshot(HubId pinned) {
        return new Snapshot(pinned, api.cache().snapshot(pinned));
    }

    private Snapshot download(HubId id) throws IOException {
        HubApi.Revision revision = api.revision(id);
        Snapshot snapshot = snapshot(id.at(revision.commit()));
        Optional<String> index = ModelFiles.index(revision.files()::contains);
        if (index.isPresent()) {
            fetch(snapshot, index.get());
        }
        for (String name : ModelFiles.list(revision.files()::contains, snapshot.folder())) {
            fetch(snapshot, name);
        }
        if (!ModelFiles.lacking(snapshot.folder()).isEmpty()) {
            throw new ModelException(snapshot.id() + ": not a model that can be opened: expected config.json and "
                    + "safetensors weights, found " + revision.files());
        }
        try {
            api.cache().remember(id, revision.commit());
        } catch (IOException e) {
            LOG.debug("{}: the commit cannot be noted in a cache that is read-only", id, e);
        }
        return snapshot;
    }

    private void fetch(Snapshot snapshot, String name) throws IOException {
        Path copy = snapshot.folder().resolve(name);
        String damage = Files.isRegularFile(copy) ? Fingerprint.damage(copy) : "";
        if (damage == null) {
            return;
        }
        RemoteFile file = api.describe(snapshot.id(), name);
        try {
            if (!damage.isEmpty()) {
                LOG.warn("{}; it is downloaded anew", damage);
                Files.deleteIfExists(copy.toRealPath());
            }
            new BlobDownload(api, file).run();
            api.cache().link(file);
        } catch (Unreachable e) {
            throw e;
        } catch (IOException e) {
            throw new ModelException(
                    settings.cache() + ": the cache cannot be written: " + e
                            + "; set HF_HUB_CACHE to a folder that can, with room for the model",
                    e);
        }
    }
}
