package org.bybert.job.bench;

import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.UserError;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The options that give a model with random weights its shape. */
final class ShapeOptions {

    @Option(names = "--preset", paramLabel = "NAME", defaultValue = "bybert-jp-100m",
            description = "Shape, with random weights: bybert-jp-100m, -200m, -400m or -v2-100m "
                + "(default: ${DEFAULT-VALUE}).")
    private String preset;

    @Option(names = "--layers", paramLabel = "N", description = "Cuts the model to its first N layers.")
    private Integer layers;

    /** @throws UserError where there is no such preset */
    Preset preset() {
        return ModelOptions.preset(preset);
    }

    /**
     * A shape with the layers that were asked for.
     *
     * @param usual number of layers where none was
     * @throws UserError where the shape has fewer
     */
    ModelConfig cut(ModelConfig config, int usual) {
        int wanted = layers == null ? usual : layers;
        if (wanted < 1 || wanted > config.layers()) {
            throw new UserError(CommandLine.ExitCode.USAGE, "--layers: expected 1 to " + config.layers() + ", found "
                    + wanted);
        }
        return wanted == config.layers() ? config : config.with(wanted, config.ropeTheta());
    }

    boolean isCut() {
        return layers != null;
    }
}
