package org.bybert.encoder.detect;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the masked sample says about how a model was trained. A setting is decided where both hold:
 *
 * <ol>
 * <li>the best candidate predicts better than anything could that ignores the context, see {@link Score#usesContext}: a
 * model with random weights, or one whose true setting is not among the candidates, does not;</li>
 * <li>it beats the best candidate of every other value of the setting by at least {@value #STANDARD_ERRORS} standard
 * errors of the mean difference over the sentences (a paired comparison).</li>
 * </ol>
 *
 * @param scores   of all candidates, the lowest loss first
 * @param verdicts one for each setting that has more than one value among the candidates
 */
public record Detection(List<Score> scores, List<Verdict> verdicts) {

    /**
     * What the measurement says about one setting: its best value against the others, sentence by sentence.
     *
     * @param setting       key of the setting
     * @param best          value with the lowest loss
     * @param next          value with the next lowest loss
     * @param margin        how much higher the loss of {@code next} is, in nats per masked character, the mean over the
     *                      sentences
     * @param standardError of {@code margin}, from its variance between sentences
     * @param possible      the best value and those that are not clearly worse
     * @param decided       whether the rule of {@link Detection} holds
     * @param configured    the value that the model would be opened with, or null where there is none
     */
    @JsonPropertyOrder({
        "setting",
        "decided",
        "best",
        "next",
        "margin",
        "standard_error",
        "configured",
        "contradicts_configuration",
        "possible"
    })
    public record Verdict(
            String setting,
            String best,
            String next,
            double margin,
            double standardError,
            List<String> possible,
            boolean decided,
            String configured) {

        /** {@code margin} in standard errors. */
        public double z() {
            return standardError > 0 ? margin / standardError : 0;
        }

        /** Whether the model would be opened with a value that clearly loses. */
        @JsonProperty
        public boolean contradictsConfiguration() {
            return decided && configured != null && !configured.equals(best);
        }
    }

    /**
     * One way in which a model may have been trained.
     *
     * @param encoding     name of the byte encoding
     * @param appendsEos   whether every text ends with the end-of-sequence token
     * @param ropeTheta    base of the rotary frequencies
     */
    public record Candidate(
            @JsonProperty("byte_encoding") String encoding,
            @JsonProperty("add_eos_token") boolean appendsEos,
            double ropeTheta) {}

    /**
     * How well a model predicts the masked sample if it was trained as the candidate says.
     *
     * @param sentenceLosses negative log likelihood in nats per masked character, for each sentence; a character's is the
     *                       sum over its bytes, since encodings differ in their number
     * @param lossPerByte    the same in nats per masked byte, over all sentences
     * @param byteEntropy    entropy of the masked bytes in nats: a model that ignores the context, and so predicts the
     *                       same at every mask, cannot have a lower {@code lossPerByte} (Gibbs' inequality)
     */
    @JsonPropertyOrder({"candidate", "loss_per_character"})
    public record Score(
            @JsonUnwrapped Candidate candidate,
            @JsonIgnore double[] sentenceLosses,
            double lossPerByte,
            double byteEntropy) {

        /** Nats per masked character, the mean over the sentences. */
        @JsonProperty("loss_per_character")
        public double loss() {
            return Arrays.stream(sentenceLosses).average().orElseThrow();
        }

        /** Whether the model does better than any could that ignores the context. */
        public boolean usesContext() {
            return lossPerByte < byteEntropy;
        }
    }

    /** How clear a difference must be. */
    public static final double STANDARD_ERRORS = 3;

    static Score best(List<Score> scores) {
        return scores.stream().min(Comparator.comparingDouble(Score::loss)).orElseThrow();
    }

    /**
     * @param scores     of candidates with at least two values of the setting
     * @param value      the setting's value
     * @param configured value that the model would be opened with, or null
     */
    static Verdict verdict(String setting, List<Score> scores, Function<Candidate, String> value, String configured) {
        Map<String, Score> byValue = scores.stream()
                .collect(Collectors.toMap(
                        score -> value.apply(score.candidate()),
                        Function.identity(),
                        (a, b) -> a.loss() <= b.loss() ? a : b,
                        LinkedHashMap::new));
        List<Map.Entry<String, Score>> ranked = byValue.entrySet().stream()
                .sorted(Comparator.comparingDouble(entry -> entry.getValue().loss()))
                .toList();
        Score best = ranked.get(0).getValue();
        List<String> possible = ranked.stream()
                .filter(entry -> !Difference.of(best, entry.getValue()).isClear())
                .map(Map.Entry::getKey)
                .toList();
        Difference next = Difference.of(best, ranked.get(1).getValue());
        return new Verdict(
                setting,
                ranked.get(0).getKey(),
                ranked.get(1).getKey(),
                next.mean(),
                next.standardError(),
                possible,
                best.usesContext() && possible.size() == 1,
                configured);
    }

    /** How much higher the loss of another candidate is, the mean over the sentences. */
    private record Difference(double mean, double standardError) {

        static Difference of(Score best, Score other) {
            int n = best.sentenceLosses().length;
            double[] differences = new double[n];
            Arrays.setAll(differences, i -> other.sentenceLosses()[i] - best.sentenceLosses()[i]);
            double mean = Arrays.stream(differences).average().orElseThrow();
            double variance =
                    Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum() / (n - 1);
            return new Difference(mean, Math.sqrt(variance / n));
        }

        boolean isClear() {
            return mean > 0 && mean >= STANDARD_ERRORS * standardError;
        }
    }
}
