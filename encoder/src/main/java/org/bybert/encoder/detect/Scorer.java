package org.bybert.encoder.detect;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bybert.encoder.detect.Detection.Candidate;
import org.bybert.encoder.detect.Detection.Score;
import org.bybert.encoder.detect.Sample.MaskedSentence;
import org.bybert.encoder.model.LogSoftmax;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.Transformer;

/** Masked loss of one model on masked sentences. */
final class Scorer {

    private final LogSoftmax logSoftmax;

    Scorer(Transformer transformer) {
        this.logSoftmax = new LogSoftmax(transformer, transformer.newWorkspace());
    }

    Score score(Candidate candidate, List<MaskedSentence> sentences) {
        double[] bytes = byteLosses(sentences);
        double[] losses = new double[sentences.size()];
        Map<Integer, Integer> counts = new HashMap<>();
        int at = 0;
        for (int i = 0; i < losses.length; i++) {
            for (int target : sentences.get(i).targets()) {
                losses[i] += bytes[at++] / sentences.get(i).characters();
                counts.merge(target, 1, Integer::sum);
            }
        }
        return new Score(candidate, losses, Arrays.stream(bytes).average().orElseThrow(), entropy(counts, at));
    }

    private static double entropy(Map<Integer, Integer> counts, int total) {
        double entropy = 0;
        for (int count : counts.values()) {
            entropy -= (double) count / total * StrictMath.log((double) count / total);
        }
        return entropy;
    }

    /** For each mask the negative log probability of what stood there, in nats. */
    private double[] byteLosses(List<MaskedSentence> sentences) {
        RaggedBatch batch = RaggedBatch.of(sentences.stream().map(MaskedSentence::ids).toList());
        int[] positions = IntStream.range(0, sentences.size()).boxed()
                .flatMapToInt(i -> Arrays.stream(sentences.get(i).positions()).map(p -> batch.start(i) + p)).toArray();
        int[] targets = sentences.stream().flatMapToInt(sentence -> Arrays.stream(sentence.targets())).toArray();
        return Arrays.stream(logSoftmax.of(batch, positions, targets)).map(log -> -log).toArray();
    }
}
