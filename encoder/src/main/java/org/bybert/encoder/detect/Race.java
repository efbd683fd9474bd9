package org.bybert.encoder.detect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.Session;
import org.bybert.encoder.detect.Detection.Score;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * Candidates on the same sentences, of which there are the fewer the clearer the result is: after each round those leave
 * that have clearly lost.
 */
final class Race {

    /** Number of sentences that the candidates have seen after each round. */
    private static final int[] ROUNDS = {2, 4, 8, 12, 16, Sample.COUNT};

    /** Fewer sentences only tell who is out of the question. */
    private static final int FIRST_RESULT = 4;

    /** Nats per byte beyond what the frequencies of the bytes alone would give: nothing was learnt that is read so. */
    private static final double HOPELESS = 1.5;

    private final Sample.Part part;
    private final List<Runner> runners;

    /** One candidate with what it has said so far; opened where the race begins. */
    private static final class Runner {

        private final Candidate candidate;
        private final ByteTokenizer tokenizer;
        private final Transformer transformer;
        private final List<Double> losses = new ArrayList<>();
        private final Map<Integer, Integer> targets = new HashMap<>();
        private double loss;
        private boolean lost;

        Runner(Candidate candidate, ByteTokenizer tokenizer, Transformer transformer) {
            this.candidate = candidate;
            this.tokenizer = tokenizer;
            this.transformer = transformer;
        }

        Score score() {
            int bytes = targets.values().stream().mapToInt(n -> n).sum();
            double entropy = 0;
            for (double count : targets.values()) {
                entropy -= count / bytes * StrictMath.log(count / bytes);
            }
            return new Score(
                    candidate, losses.stream().mapToDouble(value -> value).toArray(), loss / bytes, entropy);
        }

        double[] run(List<Sample> samples) {
            RaggedBatch batch = RaggedBatch.of(samples.stream().map(Sample::ids).toList());
            int[] positions = IntStream.range(0, samples.size())
                    .boxed()
                    .flatMapToInt(i -> Arrays.stream(samples.get(i).positions()).map(p -> batch.start(i) + p))
                    .toArray();
            int[] wanted = samples.stream()
                    .flatMapToInt(sample -> Arrays.stream(sample.targets()))
                    .toArray();
            return new Session(tokenizer, transformer).logProbabilities(batch, positions, wanted);
        }

        void add(List<Sample> samples, double[] logs) {
            int at = 0;
            for (Sample sample : samples) {
                double sum = 0;
                for (int target : sample.targets()) {
                    sum -= logs[at++];
                    targets.merge(target, 1, Integer::sum);
                }
                loss += sum;
                losses.add(sum / sample.characters());
            }
        }
    }

    /** Part of a round: some sentences of one candidate, for one thread. */
    private record Heat(Runner runner, List<Sample> samples) {}

    private Race(Sample.Part part, List<Runner> runners) {
        this.part = part;
        this.runners = runners;
    }

    static Race of(
            List<Candidate> candidates,
            Sample.Part part,
            Function<Candidate, ByteTokenizer> tokenizer,
            Function<Candidate, Transformer> transformer) {
        return new Race(
                part,
                candidates.stream()
                        .map(candidate ->
                                new Runner(candidate, tokenizer.apply(candidate), transformer.apply(candidate)))
                        .toList());
    }

    /**
     * @param tokens that may be read; the first result is had in any case, but for the ends
     * @return the tokens that were read, 0 where they were not enough
     */
    int run(int tokens) {
        int read = 0;
        int from = 0;
        for (int until : ROUNDS) {
            if (until < FIRST_RESULT && part != Sample.Part.ANYWHERE) {
                continue;
            }
            List<Runner> alive = runners.stream().filter(runner -> !runner.lost).toList();
            if (from >= FIRST_RESULT && isDecided(alive)) {
                break;
            }
            List<Heat> heats = heats(alive, from, until);
            int cost = heats.stream()
                    .flatMap(heat -> heat.samples.stream())
                    .mapToInt(sample -> sample.ids().length)
                    .sum();
            if (read + cost > tokens && (from >= FIRST_RESULT || isOfOneEnd())) {
                break;
            }
            List<double[]> logs = heats.parallelStream()
                    .map(heat -> heat.runner.run(heat.samples))
                    .toList();
            for (int i = 0; i < heats.size(); i++) {
                heats.get(i).runner.add(heats.get(i).samples, logs.get(i));
            }
            read += cost;
            from = until;
            Score best = scores().get(0);
            alive.forEach(runner -> runner.lost = best.beats(runner.score()));
        }
        return read;
    }

    private boolean isOfOneEnd() {
        return part == Sample.Part.BEGINNING || part == Sample.Part.END;
    }

    /** More sentences would tell nothing more. */
    private boolean isDecided(List<Runner> alive) {
        Score best = scores().get(0);
        boolean first = part == Sample.Part.ANYWHERE;
        boolean hopeless = first && best.lossPerByte() > best.byteEntropy() + HOPELESS;
        return hopeless || alive.size() == 1 && (!first || best.usesContext());
    }

    private List<Heat> heats(List<Runner> alive, int from, int until) {
        int threads = Runtime.getRuntime().availableProcessors();
        // All threads end together, and the weights are read as seldom as that allows.
        int parts = alive.size() % threads == 0 ? 1 : threads;
        int size = (until - from + parts - 1) / parts;
        return alive.stream()
                .flatMap(runner -> Stream.iterate(from, at -> at < until, at -> at + size)
                        .map(at -> new Heat(
                                runner,
                                IntStream.range(at, Math.min(at + size, until))
                                        .mapToObj(n -> Sample.of(n, part, runner.tokenizer))
                                        .toList())))
                .toList();
    }

    /** Those that went on longest first, and of these the lowest loss. */
    List<Score> scores() {
        return runners.stream()
                .map(Runner::score)
                .sorted(Comparator.comparingInt((Score score) -> -score.sentences())
                        .thenComparingDouble(Score::loss))
                .toList();
    }
}
