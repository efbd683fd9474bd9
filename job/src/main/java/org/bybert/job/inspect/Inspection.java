package org.bybert.job.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.detect.Detection;

/**
 * What there is to know about a model before it is used.
 *
 * @param model            as the user named it
 * @param folder           where it is on this machine
 * @param fingerprint      see {@link org.bybert.encoder.checkpoint.Fingerprint}
 * @param preset           in use, or {@link Preset#NONE}
 * @param config           values of config.json as the model is opened
 * @param tokenizer        values of tokenizer_config.json as the model is opened
 * @param tokenizerProblem why no tokenizer can be had, or null
 * @param detection        what was measured, or null
 * @param detectionProblem why nothing was measured, or null
 */
record Inspection(String model, Path folder, String fingerprint, String kernels, Preset preset, List<Value> config,
                  Tensors tensors, List<Value> tokenizer, String tokenizerProblem, Memory memory, Detection detection,
                  boolean layoutIsInferred, String detectionProblem, double detectionSeconds) {

    /** @param origin where the value comes from */
    record Value(String key, JsonNode value, String origin) {
    }

    /** @param bytes size of the whole file */
    record WeightFile(String name, long bytes, int tensors) {
    }

    /**
     * @param parameters counted in the checkpoint
     * @param bytes      of all weight files
     * @param biases     whether the Q, K and V projections have a bias
     * @param unused     names of the tensors that this architecture does not use
     */
    record Tensors(long parameters, List<String> dtypes, List<WeightFile> files, long bytes, boolean biases,
                   Set<String> unused) {
    }

    /**
     * All in bytes.
     *
     * @param f32            the weights with matrices held as F32
     * @param bf16           the weights with matrices held as BF16
     * @param opened         {@code f32} or {@code bf16}: how it is opened
     * @param shortText      tokens of a short text
     * @param shortWorkspace what a thread needs for it
     * @param longText       tokens of the longest text
     * @param longWorkspace  what a thread needs for it
     * @param before         most memory that the process had in use (resident) before the weights were read
     * @param peak           the same after; 0 where the system does not tell
     */
    record Memory(long f32, long bf16, String opened, int shortText, long shortWorkspace, int longText,
                  long longWorkspace, long before, long peak) {

        /** The project's bound on what opening may take beyond the checkpoint's own size, as a part of {@link #f32}. */
        static final double BOUND = 0.4;
    }
}
