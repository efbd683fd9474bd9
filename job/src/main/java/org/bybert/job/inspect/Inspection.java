package org.bybert.job.inspect;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bybert.encoder.detect.Detection.Verdict;

/**
 * What there is to know about a model before it is used; as JSON, for programs, under the names of the
 * components, sizes in bytes and losses in nats.
 *
 * @param model            as the user named it
 * @param folder           where it is on this machine
 * @param fingerprint      see {@link org.bybert.encoder.checkpoint.Fingerprint}
 * @param config           values of config.json as the model is opened
 * @param preset           in use, or null
 * @param looksLike        the published model of the same shape, where no preset is in use and there is one; or null
 * @param programs         files of code in the folder, which nobody runs
 * @param tokenizer        values of tokenizer_config.json as the model is opened
 * @param tokenizerProblem why no tokenizer can be had, whatever was measured, or null
 * @param detection        what was measured, or null
 * @param detectionProblem why nothing was measured, or null
 */
record Inspection(
        String model,
        String folder,
        String fingerprint,
        String kernels,
        Map<String, Value> config,
        Weights weights,
        Published preset,
        String looksLike,
        List<String> programs,
        Map<String, Value> tokenizer,
        String tokenizerProblem,
        Memory memory,
        Measurement detection,
        String detectionProblem) {

    /** @param origin where the value comes from */
    record Value(JsonNode value, String origin) {}

    /** @param bytes size of the whole file */
    record WeightFile(String name, long bytes, int tensors) {}

    /**
     * @param parameters        counted in the checkpoint
     * @param queryKeyValueBias whether the Q, K and V projections have a bias
     * @param unused            names of the tensors that this architecture does not use
     */
    record Weights(
            long parameters,
            List<String> dtypes,
            List<WeightFile> files,
            boolean queryKeyValueBias,
            Set<String> unused) {}

    /** @param parametersAgree whether the checkpoint has as many */
    record Published(String id, String hubId, long parameters, boolean parametersAgree, int trainingLength) {}

    /** What a thread needs for a text. */
    record Workspace(int tokens, long bytes) {}

    /**
     * All in bytes.
     *
     * @param openedAs                 {@code F32} or {@code BF16}: how matrices are held
     * @param weightsF32               the weights with matrices held as F32
     * @param weightsBf16              the weights with matrices held as BF16
     * @param eachThread               for a short text and for the longest
     * @param peakResidentBefore       most memory that the process had in use before the weights were read; this and
     *                                 what follows is null where the system does not tell
     * @param peakResidentWhileOpening the same after
     * @param beyondCheckpoint         what that is above the size of the weight files
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Memory(
            String openedAs,
            long weightsF32,
            long weightsBf16,
            List<Workspace> eachThread,
            Long peakResidentBefore,
            Long peakResidentWhileOpening,
            Long beyondCheckpoint) {

        /** The project's bound on {@link #beyondCheckpoint}, as a part of {@link #weightsF32}. */
        static final double BOUND = 0.4;
    }

    /**
     * How the model was trained, as far as it can be measured.
     *
     * @param idsAreInferred whether the ids of special tokens and bytes are given nowhere
     * @param options        with which the model is opened, as nobody gives them
     */
    record Measurement(
            boolean idsAreInferred,
            Map<String, String> options,
            double seconds,
            @JsonProperty("verdicts") List<Finding> findings) {

        /** Whether all is clear that decides a setting: its own verdict, or those of all for what comes with a layout. */
        boolean isDecided(String setting) {
            List<Finding> own = findings.stream()
                    .filter(finding -> finding.verdict().setting().equals(setting))
                    .toList();
            return (own.isEmpty() ? findings : own)
                    .stream().allMatch(finding -> finding.verdict().decided());
        }
    }

    /** @param open whether nobody gives the setting, so that the model is opened as measured */
    record Finding(@JsonUnwrapped Verdict verdict, boolean open) {}
}
