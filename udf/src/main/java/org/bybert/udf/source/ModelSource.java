package org.bybert.udf.source;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.bybert.encoder.error.Host;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.HubId;

/**
 * Where a model comes from, in a form that every host can follow. Made on the driver, carried by tasks.
 */
public sealed interface ModelSource extends Serializable
        permits FolderSource, ShippedSource, HubSource, HadoopSource {

    /** Schemes have two letters at least, unlike the drives of Windows. */
    String SCHEME = "[A-Za-z][A-Za-z0-9+.-]+:.*";

    /**
     * The model's folder on this host; brings it here first where it is elsewhere.
     *
     * @throws ModelException saying where it was looked for and what to do
     */
    Path folder();

    /** The same source with everything fixed that may change while a job runs. */
    default ModelSource pin() {
        return this;
    }

    /** Whether it is a model of the hub. */
    default boolean isHub() {
        return false;
    }

    /** The commit of a model of the hub that is pinned, else null. */
    default String commit() {
        return null;
    }

    /** Whether a name is that of something that comes with the job. */
    static boolean comesWithJob(String model) {
        return ShippedSource.isShipped(model);
    }

    /**
     * What a name means: a folder that came with the job, a folder of this host, a path with a scheme, an id of the
     * hub, in this order. A name that is none of these is taken for a folder that is missing.
     */
    static ModelSource of(String model) {
        if (model.isBlank()) {
            throw new ModelException(
                    "model: expected a folder, an id of the hub or a path with a scheme, found nothing");
        }
        if (ShippedSource.isShipped(model)) {
            return new ShippedSource(model);
        }
        if (model.matches("(?i)file:.*")) {
            return new FolderSource(localPath(model), Host.name());
        }
        if (isFolder(model)) {
            return new FolderSource(Path.of(model).toAbsolutePath().normalize().toString(), Host.name());
        }
        if (model.matches(SCHEME)) {
            return HadoopSource.of(model);
        }
        return HubId.matches(model) ? HubSource.of(HubId.parse(model)) : new FolderSource(model, Host.name());
    }

    private static boolean isFolder(String model) {
        try {
            return Files.isDirectory(Path.of(model));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static String localPath(String uri) {
        String path = uri.replaceFirst("(?i)^file:(//)?(?=/(?!/))", "");
        if (!path.startsWith("/")) {
            throw new ModelException(uri + ": expected file:///PATH");
        }
        return path;
    }
}
