package org.bybert.job.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.bybert.job.bench.Rounds.Timing;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.mecab.MecabDictionary;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options of {@code bybert bench segmenter}, which compares words and speed with those of MeCab itself. */
@Command(
        name = "segmenter",
        description = {
            "Cuts texts into words by a dictionary of MeCab's and by MeCab itself, in turn, on one thread each: lines whose "
                    + "words differ, and 10^6 bytes of UTF-8 per second on a core.",
            ""
        },
        sortOptions = false,
        footer = {
            "",
            "Example: bybert bench segmenter --input corpus.txt --dictionary /var/lib/mecab/dic/unidic",
            "Lines that MeCab cuts short, at a NUL, are counted and not compared."
        })
final class SegmenterBenchCommand implements Runnable {

    private static final double MEGA = 1e6;
    /** Lines that one side handles before it is the other's turn. */
    private static final int SLICE = 10_000;

    private static final int SHOWN = 3;
    /** The longest line that MeCab can be told to take. */
    private static final String BUFFER = "5242880";

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(names = "--input", paramLabel = "FILE", required = true, description = "Texts, one per line, in UTF-8.")
    private Path input;

    @Option(
            names = "--dictionary",
            paramLabel = "DIR",
            required = true,
            description = "A dictionary that MeCab has compiled.")
    private Path dictionary;

    @Option(
            names = "--mecab",
            paramLabel = "PROGRAM",
            defaultValue = "mecab",
            description = "MeCab itself (default: ${DEFAULT-VALUE}).")
    private String mecab;

    /** Seconds on a core. */
    private double mecabSeconds;

    private double readerSeconds;
    private double segmenterSeconds;
    private final List<Double> ratios = new ArrayList<>();
    private long lines;
    private long bytes;
    private long cutShort;
    private final List<String> differing = new ArrayList<>();

    @Override
    public void run() {
        MecabDictionary words = MecabDictionary.of(dictionary);
        Segmenter segmenter = Segmenter.of(Unit.WORD, new SegmenterReference("mecab:" + dictionary, true));
        Process process = start();
        try (BufferedReader texts = Files.newBufferedReader(input);
                BufferedWriter toMecab = process.outputWriter(StandardCharsets.UTF_8);
                BufferedReader fromMecab = process.inputReader(StandardCharsets.UTF_8)) {
            // Reads its dictionary, and the JIT compiler does its work, before anything is measured.
            ask(List.of("暖"), toMecab, fromMecab);
            for (List<String> slice = slice(texts); !slice.isEmpty(); slice = slice(texts)) {
                compare(slice, process, toMecab, fromMecab, words, segmenter);
            }
        } catch (IOException e) {
            throw new UserError("--input " + input + " or --mecab " + mecab + ": " + e, e);
        } finally {
            process.destroy();
        }
        print();
    }

    private Process start() {
        try {
            return new ProcessBuilder(
                            mecab,
                            "-r",
                            "/dev/null",
                            "-d",
                            dictionary.toString(),
                            "-b",
                            BUFFER,
                            "-O",
                            "",
                            "-F",
                            "%ps %pe ",
                            "-U",
                            "%ps %pe ",
                            "-B",
                            "",
                            "-E",
                            "\\n")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UserError(
                    "--mecab " + mecab + ": cannot be started: " + e.getMessage()
                            + "; install it (Debian: apt-get install mecab unidic-mecab)",
                    e);
        }
    }

    /** Lines that MeCab takes whole. */
    private List<String> slice(BufferedReader texts) throws IOException {
        List<String> slice = new ArrayList<>();
        for (String line; slice.size() < SLICE && (line = texts.readLine()) != null; ) {
            if (line.indexOf('\0') < 0) {
                slice.add(line);
            } else {
                cutShort++;
            }
        }
        return slice;
    }

    private void compare(
            List<String> slice,
            Process process,
            BufferedWriter toMecab,
            BufferedReader fromMecab,
            MecabDictionary words,
            Segmenter segmenter)
            throws IOException {
        Duration before = cpu(process);
        List<String> expected = ask(slice, toMecab, fromMecab);
        double theirs = cpu(process).minus(before).toNanos() / 1e9;
        List<Object> found = new ArrayList<>(slice.size());
        double ours = seconds(slice, text -> strings(text, words.words(text).places()), found);
        segmenterSeconds += seconds(slice, segmenter::segment, new ArrayList<>());
        mecabSeconds += theirs;
        readerSeconds += ours;
        if (lines > 0) {
            ratios.add(theirs / ours);
        }
        lines += slice.size();
        for (int i = 0; i < slice.size(); i++) {
            String text = slice.get(i);
            bytes += Inputs.bytes(text);
            if (!expected.get(i).equals(offsets(text, words.words(text).places()))) {
                differing.add(text);
            }
        }
    }

    private static Duration cpu(Process process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static double seconds(List<String> slice, Function<String, ?> cut, List<Object> found) {
        Timing timing = Timing.of(() -> slice.forEach(text -> found.add(cut.apply(text))), 0);
        return timing.calls() / timing.callsPerCoreSecond();
    }

    private static List<String> strings(String text, int[] words) {
        List<String> strings = new ArrayList<>(words.length / 2);
        for (int i = 0; i < words.length; i += 2) {
            strings.add(text.substring(words[i], words[i + 1]));
        }
        return strings;
    }

    /** What MeCab writes about a line. */
    private List<String> ask(List<String> slice, BufferedWriter toMecab, BufferedReader fromMecab) throws IOException {
        // MeCab writes while it reads: neither may wait for the other.
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            try {
                for (String text : slice) {
                    toMecab.write(text);
                    toMecab.write('\n');
                }
                toMecab.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        List<String> answers = new ArrayList<>(slice.size());
        while (answers.size() < slice.size()) {
            String answer = fromMecab.readLine();
            if (answer == null) {
                throw new UserError("--mecab " + mecab + ": ended after line " + (lines + answers.size()));
            }
            answers.add(answer);
        }
        writing.join();
        return answers;
    }

    /** Start and end of each word, in bytes, as MeCab is told to write them. */
    private static String offsets(String text, int[] words) {
        StringBuilder offsets = new StringBuilder();
        int at = 0;
        int bytes = 0;
        for (int place : words) {
            bytes += Inputs.bytes(text.substring(at, place));
            at = place;
            offsets.append(bytes).append(' ');
        }
        return offsets.toString();
    }

    private void print() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                ReportText.format("%,d lines, %,d bytes of UTF-8; %,d lines differ%n", lines, bytes, differing.size()));
        differing.stream()
                .limit(SHOWN)
                .forEach(text -> out.println("  " + text.substring(0, Math.min(text.length(), 100))));
        if (cutShort > 0) {
            out.print(ReportText.format("%,d lines with a NUL are not compared%n", cutShort));
        }
        List<String> names = List.of("mecab", "reader", "reader, runs and clusters joined");
        double[] seconds = {mecabSeconds, readerSeconds, segmenterSeconds};
        out.print(ReportText.table(
                List.of("", "seconds", "MB/s", "of mecab"),
                List.of(0, 1, 2),
                i -> List.of(
                        names.get(i),
                        ReportText.format("%.1f", seconds[i]),
                        ReportText.format("%.2f", bytes / MEGA / seconds[i]),
                        ReportText.format("%.2f", mecabSeconds / seconds[i]))));
        if (!ratios.isEmpty()) {
            Summary ratio =
                    Summary.of(ratios.stream().mapToDouble(Double::doubleValue).toArray());
            out.print(ReportText.format(
                    "reader over mecab, by %,d lines each after the first: median %.2f, %s%n",
                    SLICE, ratio.median(), ratio.range("%.2f")));
        }
        out.flush();
    }
}
