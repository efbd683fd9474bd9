package org.bybert.job.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.text.ByteTokenizer;

/** Measures how fast text becomes token ids and back, beside a plain copy of the same bytes. */
public final class TokenizerBench {

    private static final String COPY = "copy";
    private static final double MEGA = 1e6;
    private static final int SAMPLE_BYTES = 1_000_000;

    /** Keeps the results alive. */
    private static volatile Object sink;

    private final List<String> texts;
    private final long utf8Bytes;
    private final long characters;
    private final Pace pace;

    /** @param texts to measure with, or empty for Japanese sentences of our own */
    public TokenizerBench(List<String> texts, Pace pace) {
        this.texts = texts.isEmpty() ? SampleTexts.ofBytes(SAMPLE_BYTES) : texts;
        this.utf8Bytes = this.texts.stream().mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length).sum();
        this.characters = this.texts.stream().mapToLong(text -> text.codePointCount(0, text.length())).sum();
        this.pace = pace;
    }

    public int texts() {
        return texts.size();
    }

    public long utf8Bytes() {
        return utf8Bytes;
    }

    public long characters() {
        return characters;
    }

    /**
     * One line of the result.
     *
     * @param name               {@code copy}, or an encoding with {@code encode} or {@code decode}
     * @param megabytesPerSecond 10⁶ bytes of the texts' UTF-8, per second of one core
     * @param ofCopy             the same as a multiple of the copy's, round by round
     * @param bytesPerCharacter  heap allocated
     * @param bytesPerToken      heap allocated; an {@code int[]} of ids alone takes 4
     */
    public record Result(String name, Spread megabytesPerSecond, Spread ofCopy, double bytesPerCharacter,
                         double bytesPerToken) {
    }

    /** @param tokenizers by the name of their encoding */
    public List<Result> run(Map<String, ByteTokenizer> tokenizers) {
        List<Workload> workloads = new ArrayList<>();
        List<Long> tokens = new ArrayList<>();
        List<byte[]> bytes = texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
        workloads.add(workload(COPY, () -> bytes.forEach(text -> sink = text.clone())));
        tokens.add(utf8Bytes);
        tokenizers.forEach((name, tokenizer) -> {
            List<int[]> ids = texts.stream().map(tokenizer::encode).toList();
            workloads.add(workload(name + " encode", () -> texts.forEach(text -> sink = tokenizer.encode(text))));
            workloads.add(workload(name + " decode", () -> ids.forEach(text -> sink = tokenizer.decode(text))));
            long count = ids.stream().mapToLong(text -> text.length).sum();
            tokens.addAll(List.of(count, count));
        });
        Rounds rounds = new Rounds(KernelChoice.fma(), pace);
        List<Measurement> measurements = rounds.measure(workloads);
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < measurements.size(); i++) {
            Measurement m = measurements.get(i);
            Spread rate = m.tokensPerSecond();
            results.add(new Result(m.name(),
                    new Spread(rate.median() / MEGA, rate.low() / MEGA, rate.high() / MEGA),
                    rounds.ratio(m.name(), COPY), (double) m.bytesPerCall() / characters,
                    (double) m.bytesPerCall() / tokens.get(i)));
        }
        return results;
    }

    private Workload workload(String name, Runnable call) {
        return new Workload(name, utf8Bytes, 0, () -> call);
    }
}
