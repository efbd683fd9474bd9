package org.bybert.job.terminal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.ModelReference;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The options that name a model, the same for every command that opens one. */
public final class ModelOptions {

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "A folder (the same path on driver and executors); an id of the Hugging Face hub, "
                    + "ORG/NAME or ORG/NAME@REVISION, looked up in its cache first; a folder that Hadoop reads (hdfs://, "
                    + "s3a://, file:); or NAME with --archives FILE.zip#NAME (default: the bundled bybert-jp-mini).")
    private String model;

    @Option(
            names = "--model-option",
            paramLabel = "KEY=VALUE",
            description =
                    "Replaces a value of the model's JSON files, e.g. rope_theta=20000 or add_eos_token=true; may "
                            + "be repeated.")
    private Map<String, String> options = new LinkedHashMap<>();

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description = "Published model whose values fill what the model's files leave open: a file of conf/models, "
                    + "e.g. bybert-jp-100m, or none (default: by the model's hub id or its config.json).")
    private String preset;

    @Option(
            names = "--no-detect",
            description =
                    "Does not measure how the model was trained where neither its files nor these options say it; "
                            + "inspect leaves the measurement out.")
    private boolean noDetect;

    public boolean detects() {
        return !noDetect;
    }

    /** The preset is read here, on the driver: executors have no conf folder. */
    public ModelReference reference() {
        ModelReference reference = new ModelReference(
                model == null ? Bundled.model() : model,
                options,
                preset == null ? null : preset.equals(Preset.NONE.id()) ? Preset.NONE : preset(preset));
        return noDetect ? reference.withoutDetection() : reference;
    }

    /**
     * What all hosts will open, which is said.
     *
     * @throws ModelException where it cannot be used, or has no mask
     */
    public static ModelReference resolveForMasks(ModelReference reference, Terminal terminal) {
        terminal.remark("opening the model");
        ModelReference resolved = reference.resolve();
        terminal.remarkOn(resolved.measured());
        resolved.check().tokenizer().maskId();
        return resolved;
    }

    /** @throws UserError where there is no preset of this name */
    public static Preset preset(String name) {
        try {
            return Presets.installed().of(name);
        } catch (ModelException e) {
            throw new UserError(CommandLine.ExitCode.USAGE, "--" + e.getMessage());
        }
    }
}
