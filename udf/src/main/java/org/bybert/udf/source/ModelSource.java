package org.bybert.udf.source;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.hub.HubId;

/**
 * Where a model, or a dictionary, comes from, in a form that every host can follow. Made on the driver, carried by tasks.
 */
public sealed interface ModelSource extends Serializable
        permits ModelSource.Folder, ShippedSource, HubSource, HadoopSource {

    /** Schemes have two letters at least, unlike the drives of Windows. */
    String SCHEME = "[A-Za-z][A-Za-z0-9+.-]+:.*";

    /** What is looked for. */
    enum Kind {
        MODEL("model"),
        DICTIONARY("dictionary");

        /** For messages. */
        final String noun;

        Kind(String noun) {
            this.noun = noun;
        }
    }

    /**
     * The folder on this host; brings it here first where it is elsewhere.
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

    /**
     * What a name means: a folder that came with the job, a folder of this host, a path with a scheme, an id of the
     * hub, in this order. A name that is none of these is taken for a folder that is missing.
     */
    static ModelSource of(String model) {
        return of(model, Kind.MODEL);
    }

    /** As {@link #of(String)}; of the hub come only models. */
    static ModelSource of(String model, Kind kind) {
        if (model.isBlank()) {
            throw new ModelException(
                    "model: expected a folder, an id of the hub or a path with a scheme, found nothing");
        }
        if (ShippedSource.isShipped(model)) {
            return new ShippedSource(model);
        }
        if (model.matches("(?i)file:.*")) {
            return new Folder(localPath(model), ModelException.host(), kind);
        }
        if (isFolder(model)) {
            checkCache(Path.of(model));
            return new Folder(Path.of(model).toAbsolutePath().normalize().toString(), ModelException.host(), kind);
        }
        String advice = kind == Kind.MODEL ? HubId.adviceFor(model) : null;
        if (advice != null) {
            throw new ModelException(model + ": " + advice);
        }
        if (model.matches(SCHEME)) {
            return HadoopSource.of(model, kind);
        }
        return kind == Kind.MODEL && HubId.matches(model)
                ? HubSource.of(HubId.parse(model))
                : new Folder(model, ModelException.host(), kind);
    }

    /** @throws ModelException for the folder in which the hub's cache has a model with all its commits */
    private static void checkCache(Path folder) {
        String name = folder.toAbsolutePath().normalize().getFileName() + "";
        if (name.startsWith("models--") && Files.isDirectory(folder.resolve("snapshots"))) {
            throw new ModelException(
                    folder + ": the folder in which the hub's cache keeps a model; name the model by its "
                            + "id, " + name.substring("models--".length()).replaceFirst("--", "/")
                            + ", or one of the folders in "
                            + folder.resolve("snapshots"));
        }
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

    /**
     * A folder that is at the same path everywhere. It is used in place, not copied.
     *
     * @param driver the host that the name was given on
     */
    record Folder(String path, String driver, Kind kind) implements ModelSource {

        @Override
        public Path folder() {
            try {
                Path folder = Path.of(path);
                if (Files.isDirectory(folder)) {
                    return folder;
                }
            } catch (InvalidPathException e) {
                throw new ModelException(path + ": not a path: " + e.getReason(), e);
            }
            String host = ModelException.host();
            throw new ModelException(path + ": " + kind.noun + " folder not found on host " + host
                    + (host.equals(driver)
                            ? meant()
                                    + "; a " + kind.noun + " is a folder, "
                                    + (kind == Kind.MODEL
                                            ? "an id of the hub (ORG/NAME or ORG/NAME@REVISION)"
                                            : "an archive's NAME")
                                    + " or a path with a scheme (hdfs://, s3a://, file:)"
                            : ", but on the driver's, " + driver
                                    + "; put it at this path on every host, or name "
                                    + (kind == Kind.MODEL ? "an id of the hub, " : "")
                                    + "a folder of a shared file system (hdfs://, s3a://), or NAME with --archives "
                                    + "FILE.zip#NAME"));
        }

        /** What is there instead, or the id that somebody may have had in mind. */
        private String meant() {
            if (Files.exists(Path.of(path))) {
                return " (it is a file: name the folder that holds it)";
            }
            if (kind != Kind.MODEL) {
                return "";
            }
            String name = path.strip().replaceAll("/+$", "");
            Presets presets = Presets.packed();
            String id = HubId.matches(name)
                    ? name
                    : presets.names().stream()
                            .map(preset -> presets.of(preset).hubId())
                            .filter(hub ->
                                    hub.substring(hub.indexOf('/') + 1).equalsIgnoreCase(name.replaceFirst("@.*", "")))
                            .findFirst()
                            .orElse(null);
            return id == null ? "" : " (did you mean " + id + "?)";
        }

        @Override
        public String toString() {
            return path;
        }
    }
}
