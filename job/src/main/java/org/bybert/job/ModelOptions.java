package org.bybert.job;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bybert.encoder.ModelException;
import org.bybert.encoder.preset.Preset;
import org.bybert.encoder.preset.Presets;
import org.bybert.udf.ModelReference;
import picocli.CommandLine.Option;

/** The options that name a model, the same for every command that opens one. */
public final class ModelOptions {

    @Option(names = "--model", paramLabel = "DIR",
            description = "Model folder, the same path on driver and executors (default: the bundled bybert-jp-mini).")
    private String model;

    @Option(names = "--model-option", paramLabel = "KEY=VALUE",
            description = "Replaces a value of the model's JSON files, e.g. rope_theta=20000 or add_eos_token=true; may "
                + "be repeated.")
    private Map<String, String> options = new LinkedHashMap<>();

    @Option(names = "--preset", paramLabel = "NAME",
            description = "Published model whose values fill what the model's files leave open: a file of conf/models, "
                + "e.g. bybert-jp-100m, or none (default: by the model's hub id or its config.json).")
    private String preset;

    public ModelReference reference() {
        String folder = model == null ? Bundled.model() : model;
        return new ModelReference(folder, options, preset(folder));
    }

    /** Looked up on the driver, so that executors need no conf folder. */
    private Preset preset(String folder) {
        if (preset == null) {
            return Presets.installed().forReference(folder);
        }
        try {
            return preset.equals(Preset.NONE.id()) ? Preset.NONE : Preset.of(preset);
        } catch (ModelException e) {
            throw new UserError("--" + e.getMessage(), e);
        }
    }
}
