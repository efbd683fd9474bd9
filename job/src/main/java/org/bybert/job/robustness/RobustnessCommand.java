package org.bybert.job.robustness;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.job.data.InputLines;
import org.bybert.job.robustness.Template.Kind;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.TextTable;
import org.bybert.job.terminal.Texts;
import org.bybert.udf.ModelReference;
import org.bybert.udf.masked.SpanTask;
import org.bybert.udf.masked.SpanTask.Marked;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options of {@code bybert robustness}, and the measurement. */
@Command(
        name = "robustness",
        description = {
            "Measures how much less (or more) probable a keyword becomes where another word of its sentence is exchanged for one "
                    + "that looks alike, a synonym or an unrelated one, as the byBERT-JP paper does; needs no Spark.",
            ""
        },
        sortOptions = false,
        footer = {
            "",
            "A template is a line {\"template\": \"...{}...KEYWORD...\", \"keyword\": \"KEYWORD\", \"base\": \"WORD\", "
                    + "\"look_alike\": [\"WORD\", ...], \"synonym\": [...], \"unrelated\": [...]}; {} is the slot.",
            "I(w) = ln P(keyword | w in the slot) - ln P(keyword | base in the slot), with the keyword masked; P is the product "
                    + "over its bytes. A line that is no template is shown and counted; exit code 1 where none is one."
        })
public final class RobustnessCommand implements Callable<Integer> {

    @Option(
            names = "--templates",
            paramLabel = "FILE",
            required = true,
            description = "JSON lines in UTF-8, a template each: a file or its address (hdfs://, s3a://).")
    private String templates;

    @Mixin
    private ModelOptions model;

    @Option(names = "--words", description = "Shows line, kind and I(w) of each word, too.")
    private boolean showsWords;

    @Spec
    private CommandSpec spec;

    /** By what is wrong: where. */
    private final Map<String, List<String>> problems = new TreeMap<>();

    private final Map<Kind, List<Double>> influences = new TreeMap<>();

    /**
     * A word in the slot of a template.
     *
     * @param line of the template
     * @param kind null for the base, which comes before the template's other words
     */
    private record Probe(long line, Kind kind, String word, Marked marked) {}

    @Override
    public Integer call() throws IOException {
        Terminal terminal = Terminal.of(spec.commandLine());
        ModelReference reference = model.reference().measure();
        terminal.remarkOn(reference.measured());
        ByBert encoder = reference.open();
        encoder.tokenizer().maskId();
        List<Probe> probes;
        try (InputStream in = InputLines.open("--templates", templates)) {
            probes = read(new InputLines(in, StandardCharsets.UTF_8, "--templates " + templates), encoder);
        }
        measure(encoder, probes, terminal);
        if (!influences.isEmpty()) {
            print(
                    reference.name(),
                    probes.stream().filter(probe -> probe.kind() == null).count(),
                    terminal);
        }
        problems.forEach((problem, lines) ->
                terminal.remark(problem + ", " + Texts.count(lines.size()) + " times: " + String.join("; ", lines)));
        if (probes.isEmpty() && problems.isEmpty()) {
            terminal.remark("there were no templates");
        }
        return influences.isEmpty() ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }

    private List<Probe> read(InputLines lines, ByBert encoder) {
        List<Probe> probes = new ArrayList<>();
        Map<List<String>, Long> known = new HashMap<>();
        while (lines.hasNext()) {
            InputLines.Line line = lines.next();
            try {
                if (line.readable().isBlank()) {
                    continue;
                }
                Template template = Template.parse(line.text(), encoder.tokenizer());
                Long earlier = known.putIfAbsent(
                        List.of(template.template(), template.keyword(), template.base()), line.row());
                if (earlier != null) {
                    throw new TextProblem("duplicate", "the template of line " + earlier);
                }
                probes.add(new Probe(line.row(), null, template.base(), template.with(template.base())));
                template.words().forEach((kind, words) -> {
                    words.forEach(word -> probes.add(new Probe(line.row(), kind, word, template.with(word))));
                    if (words.isEmpty()) {
                        add(line.row(), "no words of kind " + kind);
                    }
                });
            } catch (TextProblem e) {
                add(line.row(), e.getMessage());
            }
        }
        return probes;
    }

    /** @param problem as {@code kind} or {@code kind: details} */
    private void add(long line, String problem) {
        String kind = TextProblem.kind(problem);
        String details = problem.substring(kind.length()).replaceFirst("^: ", ", ");
        problems.computeIfAbsent(kind, first -> new ArrayList<>()).add("line " + line + Texts.printable(details));
    }

    private void measure(ByBert encoder, List<Probe> probes, Terminal terminal) {
        BatchOptions options = BatchOptions.DEFAULTS;
        TextEngine<Marked, Double> engine = new TextEngine<>(encoder, new SpanTask(encoder, options), options);
        double base = Double.NaN;
        for (Probe probe : probes) {
            engine.add(probe.marked());
        }
        for (Probe probe : probes) {
            Answer<Double> answer = engine.remove();
            if (answer.error() != null) {
                add(probe.line(), answer.error() + ", with " + probe.word());
            }
            double found = answer.error() == null ? answer.value() : Double.NaN;
            if (probe.kind() == null) {
                base = found;
            } else if (!Double.isNaN(found - base)) {
                influences
                        .computeIfAbsent(probe.kind(), kind -> new ArrayList<>())
                        .add(found - base);
                if (showsWords) {
                    terminal.print(String.format(
                            Locale.ROOT,
                            "%6d  %-10s  %8.3f  %s",
                            probe.line(),
                            probe.kind(),
                            found - base,
                            Texts.printable(probe.word())));
                }
            }
        }
    }

    private void print(String name, long templatesUsed, Terminal terminal) {
        List<Preset> published = Presets.installed().names().stream()
                .map(Presets.installed()::of)
                .filter(preset -> !preset.robustness().isEmpty())
                .toList();
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("words", "number", "mean I", "s.e.", "I < 0"));
        published.forEach(preset -> header.add(preset.id()));
        rows.add(header);
        Set<String> sources = new LinkedHashSet<>();
        influences.forEach((kind, found) -> {
            List<String> row = new ArrayList<>(List.of(kind.toString(), Texts.count(found.size())));
            row.addAll(cells(found));
            for (Preset preset : published) {
                Preset.Value value = preset.robustness().get(kind.toString());
                row.add(value == null ? "-" : value.json());
                Stream.ofNullable(value).map(Preset.Value::source).forEach(sources::add);
            }
            rows.add(row);
        });
        terminal.out().print(TextTable.of(rows));
        terminal.print("I of " + name + " on " + Texts.count(templatesUsed) + " templates; published, on others: "
                + String.join("; ", sources));
    }

    /** Mean, its standard error, and the share below 0. */
    private static List<String> cells(List<Double> found) {
        int n = found.size();
        double mean = found.stream().mapToDouble(Double::doubleValue).sum() / n;
        double squares =
                found.stream().mapToDouble(i -> (i - mean) * (i - mean)).sum();
        long below = found.stream().filter(i -> i < 0).count();
        return List.of(
                String.format(Locale.ROOT, "%.2f", mean),
                n == 1 ? "-" : String.format(Locale.ROOT, "%.2f", Math.sqrt(squares / (n - 1) / n)),
                Texts.percent((double) below / n));
    }
}
