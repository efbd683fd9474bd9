package org.bybert.job.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.bybert.encoder.detect.Detection;
import org.bybert.encoder.detect.Detection.Score;
import org.bybert.encoder.detect.Detection.Verdict;
import org.bybert.encoder.detect.Measured;
import org.bybert.job.inspect.Inspection.Finding;
import org.bybert.job.inspect.Inspection.Measurement;
import org.bybert.job.inspect.Inspection.Memory;
import org.bybert.job.inspect.Inspection.Published;
import org.bybert.job.inspect.Inspection.Value;
import org.bybert.job.inspect.Inspection.Weights;
import org.bybert.job.inspect.Inspection.Workspace;
import org.bybert.job.terminal.TextTable;

/** An inspection for the terminal. */
final class InspectionText {

    private static final int TOKENS_SHOWN = 6;

    private final StringBuilder text = new StringBuilder();

    private InspectionText() {}

    static String of(Inspection inspection) {
        InspectionText text = new InspectionText();
        text.line("model", inspection.model());
        if (!inspection.model().equals(inspection.folder())) {
            text.line("folder", inspection.folder());
        }
        text.line("fingerprint", inspection.fingerprint());
        text.line("preset", preset(inspection));
        text.values("architecture", inspection.config());
        text.weights(inspection.weights(), inspection.preset());
        text.values("tokenizer", inspection.tokenizer());
        if (inspection.tokenizerProblem() != null) {
            text.add("  The model cannot be used like this: %s%n", inspection.tokenizerProblem());
        }
        if (!inspection.programs().isEmpty()) {
            text.line("  not run", String.join(", ", inspection.programs()));
        }
        text.memory(inspection.memory(), inspection.kernels());
        text.detection(inspection);
        return text.text.toString();
    }

    private static String preset(Inspection inspection) {
        Published preset = inspection.preset();
        String like = inspection.looksLike();
        return preset == null
                ? "none" + (like == null ? "" : " (looks like " + like + "; --preset " + like + " names it)")
                : preset.id() + " (" + preset.hubId() + ", trained on texts of up to "
                        + format("%,d", preset.trainingLength()) + " tokens)";
    }

    private void values(String title, Map<String, Value> values) {
        add("%n%s%n", title);
        values.forEach((key, value) ->
                add("  %-24s  %-28s  %s%n", key, value.value() == null ? "-" : show(value.value()), value.origin()));
    }

    private static String show(JsonNode value) {
        if (value.isObject() && !value.has("content")) {
            String first = value.properties().stream()
                    .limit(TOKENS_SHOWN)
                    .map(entry -> entry.getValue().path("content").asText() + " " + entry.getKey())
                    .collect(Collectors.joining(", "));
            return first + (value.size() > TOKENS_SHOWN ? ", and " + (value.size() - TOKENS_SHOWN) + " more" : "");
        }
        if (value.isFloatingPointNumber()) {
            return new BigDecimal(value.asText()).stripTrailingZeros().toPlainString();
        }
        return value.isObject() ? value.get("content").asText() : value.asText();
    }

    private void weights(Weights weights, Published preset) {
        String agreement = preset == null
                ? ""
                : preset.parametersAgree()
                        ? ", as the preset has it"
                        : format(", but the preset has %,d", preset.parameters());
        add("%nweights%n");
        line("  parameters", format("%,d", weights.parameters()) + agreement);
        line("  dtype", String.join(", ", weights.dtypes()));
        line("  Q/K/V bias", weights.queryKeyValueBias() ? "yes" : "no");
        weights.files()
                .forEach(file ->
                        line("  " + file.name(), format("%,d bytes, %,d tensors", file.bytes(), file.tensors())));
        if (!weights.unused().isEmpty()) {
            line("  not used", weights.unused().size() + " tensors: " + String.join(", ", weights.unused()));
        }
    }

    private void memory(Memory memory, String kernels) {
        add("%nmemory (opened with %s matrices, kernels %s)%n", memory.openedAs(), kernels);
        line("  weights as F32", megabytes(memory.weightsF32()));
        line("  weights as BF16", megabytes(memory.weightsBf16()) + ", embeddings and norms as F32");
        Workspace text = memory.eachThread().get(0);
        Workspace longest = memory.eachThread().get(1);
        line(
                "  each thread",
                megabytes(text.bytes())
                        + format(" for a text of %,d tokens, ", text.tokens())
                        + megabytes(longest.bytes())
                        + format(" for one of %,d", longest.tokens()));
        if (memory.peakResidentWhileOpening() != null) {
            line(
                    "  peak while opening",
                    megabytes(memory.peakResidentWhileOpening()) + " resident, of which the JVM " + "and its code had "
                            + megabytes(memory.peakResidentBefore()) + " before");
            line(
                    "  beyond checkpoint",
                    megabytes(memory.beyondCheckpoint())
                            + format(
                                    ", %.2f x the F32 weights (%.1f " + "x, %s, is the bound for full-size models)",
                                    (double) memory.beyondCheckpoint() / memory.weightsF32(),
                                    Memory.BOUND,
                                    megabytes((long) (Memory.BOUND * memory.weightsF32()))));
        }
    }

    private void detection(Inspection inspection) {
        add("%nhow it was trained, measured on masked sentences%n");
        Measurement detection = inspection.detection();
        if (detection == null) {
            add("  not measured: %s%n", inspection.detectionProblem());
            return;
        }
        if (detection.idsAreInferred()) {
            add("  The ids of special tokens and bytes are given nowhere: those inferred for the published models are "
                    + "tried.%n");
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("setting", "value", "nats/character", "sentences", "nats/byte", "without context"));
        for (Finding finding : detection.findings()) {
            Verdict verdict = finding.verdict();
            for (Score score : verdict.candidates()) {
                rows.add(List.of(
                        verdict.setting(),
                        Measured.show(verdict.of(score)),
                        format("%.3f", score.loss()),
                        format("%d", score.sentences()),
                        format("%.3f", score.lossPerByte()),
                        format(">= %.3f", score.byteEntropy())));
            }
        }
        add("%s", TextTable.of(rows).indent(2));
        add(
                "  Mean negative log likelihood of masked characters; a character's is the sum over its bytes. Few sentences "
                        + "where the%n  difference is wide. Decided: the best encoding is below what a model can reach that "
                        + "ignores the context (last%n  column), and other values are worse beyond chance, or the weights "
                        + "exclude them. Took %.1f s.%n%n",
                detection.seconds());
        detection.findings().forEach(this::finding);
    }

    private void finding(Finding finding) {
        Verdict verdict = finding.verdict();
        String undecided = "undecided between "
                + verdict.possible().stream().map(Measured::show).collect(Collectors.joining(", "));
        line(
                "  " + verdict.setting(),
                (verdict.decided() ? Measured.show(verdict.value()) : undecided)
                        + (finding.open() && !verdict.decided()
                                ? " (" + Measured.show(verdict.value()) + " is used)"
                                : "")
                        + "; "
                        + verdict.evidence());
        if (verdict.inputs() != null) {
            line("", verdict.inputs().toString());
        }
        if (verdict.contradictsConfiguration()) {
            Detection.Difference loses = verdict.against(verdict.configured());
            add(
                    "  WARNING: the model is opened with %s=%s, which clearly loses%s. Use --model-option %s=%s%n",
                    verdict.setting(),
                    verdict.configured(),
                    loses == null || loses.mean() <= 0
                            ? ""
                            : format(", by %.2f ± %.2f nats/character", loses.mean(), loses.standardError()),
                    verdict.setting(),
                    verdict.value());
        }
    }

    private void line(String key, String value) {
        add("%-24s  %s%n", key, value);
    }

    private void add(String format, Object... values) {
        text.append(format(format, values));
    }

    private static String megabytes(long bytes) {
        return format("%,.1f MB", bytes / 1e6);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
