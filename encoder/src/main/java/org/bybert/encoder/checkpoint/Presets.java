package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bybert.encoder.error.ModelException;

/**
 * The presets of the published models.
 *
 * @param folder of which every {@code .json} file is one; null for the copies of them in this jar
 */
public record Presets(Path folder) {

    private static final List<String> PACKED =
            List.of("bybert-jp-100m", "bybert-jp-200m", "bybert-jp-400m", "bybert-jp-v2-100m");
    private static final String PREFIX = "bybert-jp-";
    private static final String CACHED = "models--";

    /** Those that were packed into this jar. */
    public static Presets packed() {
        return new Presets(null);
    }

    /** Those of {@code conf/models} where the launcher names the project's folder in {@code BYBERT_HOME}. */
    public static Presets installed() {
        String home = System.getenv("BYBERT_HOME");
        Path folder = home == null ? null : Path.of(home, "conf", "models");
        return folder != null && Files.isDirectory(folder) ? new Presets(folder) : packed();
    }

    public List<String> names() {
        if (folder == null) {
            return PACKED;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .map(name -> name.substring(0, name.length() - ".json".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new ModelException(folder + ": cannot be read: " + e, e);
        }
    }

    /**
     * The preset of a name; the leading {@code bybert-jp-} may be left out.
     *
     * @throws ModelException naming the presets where there is none of this name
     */
    public Preset of(String name) {
        List<String> names = names();
        return read(Stream.of(name, PREFIX + name)
                .filter(names::contains)
                .findFirst()
                .orElseThrow(() -> new ModelException(
                        "preset: expected one of " + String.join(", ", names) + ", found \"" + name + '"')));
    }

    /**
     * The preset for a model folder: of the hub id that a folder of the Hugging Face cache is named after
     * ({@code models--tohoku-nlp--bybert-jp-100m}), else of {@code _name_or_path} in config.json, else
     * {@link Preset#NONE}.
     */
    public Preset forFolder(Path folder, JsonNode config) {
        for (Path part : folder.toAbsolutePath().normalize()) {
            if (part.toString().startsWith(CACHED)) {
                return ofHubId(part.toString().substring(CACHED.length()).replaceFirst("--", "/"));
            }
        }
        return ofHubId(config.path("_name_or_path").asText());
    }

    /**
     * The preset for a model as a user names it, which may be a hub id, with or without {@code @revision}.
     *
     * @param folder where the model is
     */
    public Preset forModel(String name, Path folder) {
        Preset preset = ofHubId(name);
        Path config = folder.resolve(ModelFiles.CONFIG);
        return !preset.isNone()
                ? preset
                : forFolder(folder, Files.isRegularFile(config) ? Json.readObject(config) : MissingNode.getInstance());
    }

    /**
     * The preset of a hub id such as {@code tohoku-nlp/bybert-jp-100m}, with or without {@code @revision}, or
     * {@link Preset#NONE}.
     */
    public Preset ofHubId(String reference) {
        String hubId = reference.replaceFirst("@.*", "");
        return names().stream()
                .map(this::read)
                .filter(preset -> preset.hubId().equals(hubId))
                .findFirst()
                .orElse(Preset.NONE);
    }

    private Preset read(String id) {
        String file = id + ".json";
        String where =
                folder == null ? file + " (in the jar)" : folder.resolve(file).toString();
        try (InputStream in =
                folder == null ? Presets.class.getResourceAsStream(file) : Files.newInputStream(folder.resolve(file))) {
            if (in == null) {
                throw new ModelException(where + ": preset not found; build the project with Maven");
            }
            return Preset.parse(id, in.readAllBytes(), where);
        } catch (IOException e) {
            throw new ModelException(where + ": cannot be read: " + e, e);
        }
    }
}
