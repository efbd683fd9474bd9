package org.bybert.encoder.detect;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bybert.encoder.detect.Inputs.Evidence;
import org.bybert.encoder.detect.Inputs.Word;

/**
 * What a model's weights and its losses on masked sentences say about how it was trained. A setting is decided where
 * these hold:
 *
 * <ol>
 * <li>the best candidate predicts better than anything could that ignores the context, see {@link Score#usesContext}: a
 * model with random weights, or one whose true setting is not among the candidates, does not;</li>
 * <li>of the values that the weights leave open, see {@link Evidence}, one has the lowest loss, and every other is worse
 * by {@link Difference#isClear a clear difference}. That a token helps a model that never read it says nothing.</li>
 * </ol>
 *
 * @param verdicts one for each setting that was measured
 * @param best     with the values of all verdicts, and what the model would be opened with
 */
public record Detection(List<Verdict> verdicts, Candidate best) {

    /** The values to open the model with, of the settings that nobody gives. */
    public Map<String, String> options(Collection<String> open) {
        Map<String, String> options = new TreeMap<>(best.options());
        options.keySet().removeIf(key -> !Detector.LAYOUT_KEYS.contains(key) && !open.contains(key));
        return options;
    }

    /**
     * What is known about one setting.
     *
     * @param setting    key of the setting
     * @param value      to be used: the best where it is decided; else the one that the model would be opened with, where
     *                   it is possible
     * @param decided    whether the rule of {@link Detection} holds
     * @param possible   values that neither the weights nor the losses exclude
     * @param configured the value that the model would be opened with, or null where there is none
     * @param inputs     what the weights say, or null for a setting that they say nothing about
     * @param usesContext whether the best candidate of all predicts better than anything could that ignores the context
     * @param candidates that ran against each other, the best first; one alone where the weights had decided
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
            String value,
            boolean decided,
            List<String> possible,
            String configured,
            Evidence inputs,
            boolean usesContext,
            List<Score> candidates) {

        /** The value of a candidate. */
        public String of(Score score) {
            return score.candidate().get(setting);
        }

        @JsonProperty
        public String best() {
            return value;
        }

        /** The best candidate with the value. */
        private Score scoreOf(String wanted) {
            return candidates.stream()
                    .filter(score -> of(score).equals(wanted))
                    .findFirst()
                    .orElse(null);
        }

        /** The best candidate with another value, or null. */
        private Score other() {
            return candidates.stream()
                    .filter(score -> !of(score).equals(value))
                    .findFirst()
                    .orElse(null);
        }

        /** The value that comes next, or null where no other ran. */
        @JsonProperty
        public String next() {
            return other() == null ? null : of(other());
        }

        /** How much better the value is than another, below 0 where it is worse; null where one of them did not run. */
        public Difference against(String other) {
            Score mine = scoreOf(value);
            Score its = scoreOf(other);
            return mine == null || its == null ? null : Difference.of(mine, its);
        }

        /** How much higher the loss of {@link #next} is, in nats per masked character; null where no other ran. */
        @JsonProperty
        public Double margin() {
            return next() == null ? null : against(next()).mean();
        }

        /** Of {@link #margin}, from its variance between sentences. */
        @JsonProperty
        public Double standardError() {
            return next() == null ? null : against(next()).standardError();
        }

        /** Whether the model would be opened with a value that clearly loses. */
        @JsonProperty
        public boolean contradictsConfiguration() {
            return decided && configured != null && !configured.equals(value);
        }

        /** Both kinds of evidence in a few words. */
        public String evidence() {
            if (!usesContext) {
                return "no candidate predicts better than byte frequencies alone could";
            }
            String losses = next() == null ? "" : against(next()).text(Measured.show(next()));
            if (inputs == null) {
                return losses;
            }
            String weights = inputs.token() + inputs.word().text();
            return losses.isEmpty() ? weights : losses + ", " + weights;
        }
    }

    /**
     * How well a model predicts the masked sample if it was trained as the candidate says.
     *
     * @param sentenceLosses negative log likelihood in nats per masked character, for each sentence; a character's is the
     *                       sum over its bytes, since encodings differ in their number
     * @param lossPerByte    the same in nats per masked byte, over all sentences
     * @param byteEntropy    entropy of the masked bytes in nats: a model that ignores the context, and so predicts the
     *                       same at every mask, cannot have a lower {@code lossPerByte} (Gibbs' inequality)
     */
    @JsonPropertyOrder({"candidate", "loss_per_character", "sentences"})
    public record Score(
            Candidate candidate, @JsonIgnore double[] sentenceLosses, double lossPerByte, double byteEntropy) {

        /** Nats per byte: over the some twenty bytes of two sentences odds of 10^26 to one. */
        private static final double FAR = 3;

        /** Nats per masked character, the mean over the sentences. */
        @JsonProperty("loss_per_character")
        public double loss() {
            return Arrays.stream(sentenceLosses).average().orElseThrow();
        }

        /** How many it was tried on. */
        @JsonProperty
        public int sentences() {
            return sentenceLosses.length;
        }

        /** Beyond chance: by {@link #FAR}, or by a {@link Difference#isClear clear difference}. */
        boolean beats(Score other) {
            return other.lossPerByte > lossPerByte + FAR
                    || Difference.of(this, other).isClear();
        }

        /** Whether the model does better than any could that ignores the context. */
        public boolean usesContext() {
            return lossPerByte < byteEntropy;
        }
    }

    /**
     * How much higher the loss of one candidate is than that of another: a paired comparison.
     *
     * @param mean          in nats per masked character, over the sentences that both have seen
     * @param standardError of the mean, from the variance between sentences
     */
    public record Difference(double mean, double standardError, int sentences) {

        static Difference of(Score best, Score other) {
            int n = Math.min(best.sentences(), other.sentences());
            double[] differences = new double[n];
            Arrays.setAll(differences, i -> other.sentenceLosses()[i] - best.sentenceLosses()[i]);
            double mean = Arrays.stream(differences).average().orElseThrow();
            double variance =
                    Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum() / (n - 1);
            return new Difference(mean, Math.sqrt(variance / n), n);
        }

        /**
         * Beyond what chance does once in 740 times, as three standard errors are among many sentences (Student's
         * distribution, one side).
         */
        public boolean isClear() {
            double errors = sentences < 4
                    ? 235
                    : sentences < 8
                            ? 9.22
                            : sentences < 12 ? 4.53 : sentences < 16 ? 3.85 : sentences < 24 ? 3.59 : 3.34;
            return mean > 0 && mean >= errors * standardError;
        }

        String text(String than) {
            return String.format(
                    Locale.ROOT,
                    "%.2f ± %.2f nats/character %s than %s",
                    Math.abs(mean),
                    standardError,
                    mean < 0 ? "worse" : "better",
                    than);
        }
    }

    /**
     * @param setting     whose values the candidates have
     * @param choice      all its values
     * @param scores      of a race, the best first; none where there was no use in one, or no token left
     * @param configured  value that the model would be opened with, or null
     * @param inputs      whether the setting's token was ever an input, or null
     * @param usesContext see {@link Verdict}
     */
    static Verdict verdict(
            String setting,
            List<String> choice,
            List<Score> scores,
            String configured,
            Evidence inputs,
            boolean usesContext) {
        Word word = inputs == null ? null : inputs.word();
        List<String> possible = Stream.concat(
                        scores.stream().map(score -> score.candidate().get(setting)), choice.stream())
                .distinct()
                .toList();
        if (usesContext && word == Word.NEVER_READ) {
            possible = List.of("false");
        } else if (usesContext && !scores.isEmpty()) {
            possible = scores.stream()
                    .filter(score -> !scores.get(0).beats(score))
                    .map(score -> score.candidate().get(setting))
                    .distinct()
                    .toList();
            if (word == Word.UNCLEAR && possible.equals(List.of("true"))) {
                possible = List.of("false", "true");
            }
        }
        return new Verdict(
                setting,
                possible.size() > 1 && configured != null && possible.contains(configured)
                        ? configured
                        : possible.get(0),
                usesContext && possible.size() == 1,
                possible,
                configured,
                inputs,
                usesContext,
                scores);
    }
}
