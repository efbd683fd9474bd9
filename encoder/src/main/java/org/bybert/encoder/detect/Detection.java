package org.bybert.encoder.detect;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * What the masked sample says about how a model was trained. A setting is decided where both hold:
 *
 * <ol>
 * <li>the best candidate predicts better than anything could that ignores the context, see {@link Score#usesContext}: a
 * model with random weights, or one whose true setting is not among the candidates, does not;</li>
 * <li>it beats the best candidate with another value of the setting by at least {@value #STANDARD_ERRORS} standard
 * errors of the mean difference over the sentences (a paired comparison).</li>
 * </ol>
 *
 * @param scores   of all candidates, the lowest loss first
 * @param verdicts one for each setting that has more than one value among the candidates
 */
public record Detection(List<Score> scores, List<Verdict> verdicts) {

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
        Score best = best(scores);
        String found = value.apply(best.candidate());
        Score next = best(scores.stream().filter(score -> !value.apply(score.candidate()).equals(found)).toList());
        int n = best.sentenceLosses().length;
        double[] differences = new double[n];
        Arrays.setAll(differences, i -> next.sentenceLosses()[i] - best.sentenceLosses()[i]);
        double margin = Arrays.stream(differences).average().orElseThrow();
        double variance = Arrays.stream(differences).map(d -> (d - margin) * (d - margin)).sum() / (n - 1);
        double error = Math.sqrt(variance / n);
        return new Verdict(setting, found, value.apply(next.candidate()), margin, error,
                best.usesContext() && margin >= STANDARD_ERRORS * error, configured);
    }
}
