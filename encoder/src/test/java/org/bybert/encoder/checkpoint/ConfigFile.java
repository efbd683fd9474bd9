package org.bybert.encoder.checkpoint;

import java.nio.file.Path;
import java.util.Map;

/** What config.json of a folder says, with nothing from a preset. */
public final class ConfigFile {

    private ConfigFile() {}

    public static ModelConfig read(Path folder, Map<String, String> overrides) {
        Path file = folder.resolve(ModelFiles.CONFIG);
        return ModelConfig.read(ModelConfig.settings(file, Json.readObject(file), overrides, Preset.NONE));
    }
}
