package org.bybert.job.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bybert.encoder.Version;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.job.data.Columns;
import org.bybert.job.data.DataSet;
import org.bybert.job.evaluate.EvaluationTable.Results;
import org.bybert.job.metrics.SeedSpread;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.Texts;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ModelReference;
import org.bybert.udf.masked.MaskedWordSettings;
import org.bybert.udf.words.Unit;
import picocli.CommandLine.Help.Ansi;

/**
 * What {@code bybert evaluate} found, for people and for programs.
 *
 * @param cntBytes longest text of the results within the training length; 0 where there are none
 * @param metrics  by seed, each in the order of the sets
 */
record EvaluationReport(
        ModelReference model,
        List<DataSet> data,
        Map<String, Columns> columns,
        MaskedWordSettings settings,
        int cntBytes,
        Map<Long, List<SetMetrics>> metrics,
        Collection<ExecutorReport> executors,
        String spark) {

    /** The share that the published figures were measured with. */
    private static final double PUBLISHED_RATE = 0.15;

    private static final String CNT = "cnt";
    private static final String ALL = "all";

    private String unit() {
        return settings.unit().name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@code metrics.json}: {@code settings} and {@code sets} are the same for every run with the same input, model,
     * seed and vector width, columns are by set ({@code id_column} is null where ids are hashes of texts);
     * {@code executors} tells where this run took place, {@code code_version} by which program. Several seeds have
     * {@code seeds}, each with its {@code sets}, and {@code over_seeds}; {@code published} has figures in percent.
     */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        addSettings(json.putObject("settings"));
        if (metrics.size() == 1) {
            json.putPOJO("sets", seeds().get(0));
        } else {
            ArrayNode seeds = json.putArray("seeds");
            metrics.forEach((seed, sets) -> seeds.addObject().put("seed", seed).putPOJO("sets", sets));
            ArrayNode over = json.putArray("over_seeds");
            for (Results results : results()) {
                ObjectNode node = over.addObject();
                node.put("set", results.first().set()).put("texts", results.texts());
                addSpread(node.putObject("units"), results.spread(SetMetrics::units));
                addSpread(node.putObject("bytes"), results.spread(SetMetrics::bytes));
                if (settings.passes() > 1) {
                    ObjectNode passes = node.putObject("passes").put("rows", results.rowsRead(false));
                    addSpread(
                            passes.putObject("units"),
                            results.spread(set -> set.passes().units()));
                    addSpread(
                            passes.putObject("bytes"),
                            results.spread(set -> set.passes().bytes()));
                }
            }
        }
        return json.putPOJO("published", published())
                .putPOJO("executors", executors)
                .put("code_version", Version.current().toString())
                .put("spark_version", spark)
                .put("java_version", Runtime.version().toString());
    }

    private static void addSpread(ObjectNode json, SeedSpread spread) {
        json.put("masked", spread.masked())
                .put("accuracy", orNull(spread.accuracy()))
                .put("sd", orNull(spread.sd()))
                .put("low", orNull(spread.low()))
                .put("high", orNull(spread.high()));
    }

    private static Double orNull(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }

    private List<List<SetMetrics>> seeds() {
        return List.copyOf(metrics.values());
    }

    /** In the order of the sets, those within the training length before all. */
    private List<Results> results() {
        boolean isAll = settings.maxBytes() == MaskedWordSettings.ALL;
        List<Results> results = new ArrayList<>();
        for (int i = 0; i < data.size(); i++) {
            int at = i;
            List<SetMetrics> set = seeds().stream().map(sets -> sets.get(at)).toList();
            if (hasBoth()) {
                results.add(new Results(CNT, set.stream().map(SetMetrics::cnt).toList()));
            }
            results.add(new Results(
                    isAll ? ALL : settings.maxBytes() == cntBytes ? CNT : "to " + settings.maxBytes(), set));
        }
        return results;
    }

    private boolean hasBoth() {
        return cntBytes > 0 && cntBytes < settings.maxBytes();
    }

    /** The figures that were measured as these here, by set, texts and unit; those of other lengths are not among them. */
    private Map<String, Preset.Value> published() {
        Preset preset = model.preset();
        Map<String, Preset.Value> figures = new LinkedHashMap<>();
        if (preset != null && settings.unit() == Unit.WORD && settings.maskRate() == PUBLISHED_RATE) {
            for (Results results : results()) {
                for (String unit : List.of("word", "byte")) {
                    String key = results.key(unit);
                    if (preset.accuracies().containsKey(key)
                            && (!results.texts().equals(CNT) || cntBytes == preset.trainingLength())) {
                        figures.put(key, preset.accuracies().get(key));
                    }
                }
            }
        }
        return figures;
    }

    private void addSettings(ObjectNode json) {
        json.put("model", model.model());
        json.put("model_revision", model.source().commit());
        json.put("model_fingerprint", model.fingerprint());
        json.putPOJO("model_options", model.options());
        json.putPOJO("model_settings", model.settings());
        json.put("mask_token", model.check().tokenizer().maskText());
        json.put("model_undecided", !model.measured().isDecided());
        json.put(
                "preset",
                model.preset() == null || model.preset().isNone()
                        ? null
                        : model.preset().id());
        ObjectNode paths = json.putObject("data");
        ObjectNode texts = json.putObject("text_column");
        ObjectNode expressions = json.putObject("text_expr");
        ObjectNode ids = json.putObject("id_column");
        data.forEach(set -> {
            Columns used = columns.get(set.name());
            paths.put(set.name(), set.path());
            texts.put(set.name(), used.text());
            expressions.put(set.name(), used.expression());
            ids.put(set.name(), used.id());
        });
        json.put("unit", unit());
        if (settings.unit() == Unit.WORD) {
            // Of rows that bring no words.
            json.putObject("segmenter")
                    .put("name", settings.segmenter().name())
                    .put("dictionary_hash", settings.segmenter().hash())
                    .put("join_digits", settings.segmenter().joinsRuns());
        } else {
            json.putNull("segmenter");
        }
        json.put("mask_rate", settings.maskRate());
        if (settings.passes() > 1) {
            json.put("passes", settings.passes());
        }
        json.put("seed", metrics.size() > 1 ? null : metrics.keySet().iterator().next());
        json.put("training_length", Evaluation.trainingLength(model));
        json.put("cnt_bytes", cntBytes == 0 ? null : (Integer) cntBytes);
        json.put("max_bytes", settings.maxBytes() == MaskedWordSettings.ALL ? null : settings.maxBytes());
        json.put("row_limit", settings.rowLimit() == MaskedWordSettings.ALL ? null : settings.rowLimit());
    }

    /** Whether every set has a result. */
    boolean isComplete() {
        return metrics.values().stream().flatMap(List::stream).allMatch(set -> set.scored() > 0);
    }

    EvaluationTable table() {
        return new EvaluationTable(
                model.name(),
                unit(),
                hasBoth(),
                settings.passes(),
                List.copyOf(metrics.keySet()),
                results(),
                published());
    }

    /** The table on standard output; in a form for programs alone, what is told of it on standard error. */
    void print(Terminal terminal, EvaluationTable.Format format) {
        if (format == EvaluationTable.Format.TABLE) {
            terminal.out().print(text(terminal.ansi()));
            terminal.out().flush();
            return;
        }
        terminal.out()
                .print(
                        switch (format) {
                            case MARKDOWN -> table().markdown();
                            case LATEX -> table().latex();
                            case CSV -> table().csv();
                            default -> json().toPrettyString() + "\n";
                        });
        terminal.out().flush();
        notes().forEach(terminal::remark);
    }

    /** What the terminal shows, and {@code summary.txt}. */
    String text(Ansi ansi) {
        return "\nMasked-" + unit() + " accuracy of " + model.name()
                + " (mask rate " + settings.maskRate() + ", " + (metrics.size() == 1 ? "seed " : "seeds ")
                + metrics.keySet().stream().map(String::valueOf).collect(Collectors.joining(", ")) + ", "
                + (settings.maxBytes() == MaskedWordSettings.ALL
                        ? "all lengths"
                        : "at most " + settings.maxBytes() + " bytes")
                + ")\n\n" + table().text() + "\n" + table().bars(ansi) + "\n"
                + notes().stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (hasBoth()) {
            notes.add("cnt: texts of at most " + Texts.count(cntBytes) + " bytes; --cnt-bytes N sets it");
        }
        if (settings.passes() > 1) {
            table().passesText().lines().forEach(notes::add);
            notes.add("passes: 1 is the paper's protocol, the best byte at each mask; "
                    + Texts.count(settings.passes())
                    + ": valid text in at most so many, the surest characters first");
        }
        if (metrics.size() > 1) {
            notes.add("over the seeds: mean accuracies with their standard deviation, mean bounds of the intervals");
        }
        notePublished(notes);
        if (results().stream().anyMatch(results -> results.first().isFew())) {
            notes.add("(n/a): an interval over " + SetMetrics.FEW + " examples or fewer is not meaningful");
        }
        for (SetMetrics set : seeds().get(0)) {
            if (set.failed() > 0) {
                notes.add(set.set() + ": " + set.failed() + " of " + set.rows() + " rows failed: " + set.failures());
            }
            if (set.duplicateIds() > 0) {
                notes.add(set.set() + ": " + set.duplicateIds() + " of " + set.rows()
                        + " rows have an id that an earlier row has");
            }
            if (set.scored() == 0) {
                notes.add(set.set() + ": no row could be scored, so there is no accuracy");
            }
        }
        model.measured().findings().stream()
                .filter(finding -> !finding.decided())
                .forEach(finding -> notes.add("the figures depend on a guess: " + finding.sentence()));
        notes.add("model " + model.source() + ", fingerprint " + model.fingerprint());
        if (settings.unit() == Unit.WORD) {
            notes.add("words by " + settings.segmenter());
        }
        executors.forEach(executor -> notes.add(executor.line()));
        return notes;
    }

    /** Where the figures come from, or why there are none of a model that has some. */
    private void notePublished(List<String> notes) {
        Set<String> sources = new LinkedHashSet<>();
        published().values().forEach(value -> sources.add(value.source()));
        if (!sources.isEmpty()) {
            notes.add(
                    "published: " + String.join("; ", sources) + "; beside it how far it lies from what was measured");
        } else if (model.preset() != null && !model.preset().accuracies().isEmpty()) {
            notes.add("none of " + model.preset().id() + "'s published figures is shown: they are of words, "
                    + PUBLISHED_RATE + " of them masked, of sets named ichikara and wiki (--data wiki=FILE), within "
                    + Texts.count(model.preset().trainingLength()) + " bytes or all");
        }
    }
}
