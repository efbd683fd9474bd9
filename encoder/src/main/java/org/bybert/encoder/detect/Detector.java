package org.bybert.encoder.detect;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.bybert.encoder.detect.Detection.Candidate;
import org.bybert.encoder.detect.Detection.Score;
import org.bybert.encoder.detect.Detection.Verdict;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.text.ByteEncoding;

/**
 * Measures how a model was trained: every byte encoding, with and without an end-of-sequence token, and, where
 * config.json has no {@code rope_theta}, several of these for the best. All share one copy of the weights. The cost is
 * 6 passes over the built-in sample of some 2,200 tokens, and at most 6 more for {@code rope_theta}, whatever the model;
 * candidates run side by side on the cores there are.
 */
public final class Detector {

    /** Bases in use among published models. */
    private static final List<Double> THETAS = List.of(10_000.0, 20_000.0, 50_000.0, 100_000.0, 500_000.0, 1_000_000.0);

    private final Transformer transformer;
    private final CandidateTokenizers tokenizers;
    private final boolean thetaIsOpen;
    private final Sample sample = Sample.load();
    private final List<Score> scores = new ArrayList<>();
    private final List<Verdict> verdicts = new ArrayList<>();

    private Detector(Transformer transformer, CandidateTokenizers tokenizers, boolean thetaIsOpen) {
        this.transformer = transformer;
        this.tokenizers = tokenizers;
        this.thetaIsOpen = thetaIsOpen;
    }

    /**
     * @param thetaIsOpen whether nothing gives {@code rope_theta}: then it is measured too
     * @throws org.bybert.encoder.error.ModelException where the tokens do not fit the model
     */
    public static Detection run(Transformer transformer, CandidateTokenizers tokenizers, boolean thetaIsOpen) {
        return new Detector(transformer, tokenizers, thetaIsOpen).run();
    }

    private Detection run() {
        double theta = transformer.config().ropeTheta();
        score(ByteEncoding.names().stream().flatMap(name -> withEos(name, theta)));
        verdicts.add(Detection.verdict("byte_encoding", scores, Candidate::encoding, tokenizers.configuredEncoding()));
        Candidate best = Detection.best(scores).candidate();
        if (thetaIsOpen) {
            best = measureTheta(best);
        }
        if (tokenizers.hasEos()) {
            Candidate found = best;
            score(withEos(found.encoding(), found.ropeTheta()));
            verdicts.add(Detection.verdict("add_eos_token",
                    scoresWhere(found.encoding(), null, found.ropeTheta()),
                    candidate -> Boolean.toString(candidate.appendsEos()), tokenizers.configuredEos()));
        }
        scores.sort(Comparator.comparingDouble(Score::loss));
        return new Detection(List.copyOf(scores), List.copyOf(verdicts));
    }

    private Candidate measureTheta(Candidate best) {
        score(THETAS.stream().map(theta -> new Candidate(best.encoding(), best.appendsEos(), theta)));
        List<Score> thetas = scoresWhere(best.encoding(), best.appendsEos(), null);
        verdicts.add(Detection.verdict("rope_theta", thetas, candidate -> text(candidate.ropeTheta()),
                text(transformer.config().ropeTheta())));
        return Detection.best(thetas).candidate();
    }

    private static String text(double theta) {
        return BigDecimal.valueOf(theta).stripTrailingZeros().toPlainString();
    }

    private Stream<Candidate> withEos(String encoding, double theta) {
        Stream<Boolean> eos = tokenizers.hasEos() ? Stream.of(false, true) : Stream.of(false);
        return eos.map(appended -> new Candidate(encoding, appended, theta));
    }

    /** Null stands for any. */
    private List<Score> scoresWhere(String encoding, Boolean eos, Double theta) {
        return scores.stream().filter(score -> score.candidate().encoding().equals(encoding)
                && (eos == null || score.candidate().appendsEos() == eos)
                && (theta == null || score.candidate().ropeTheta() == theta)).toList();
    }

    private void score(Stream<Candidate> candidates) {
        List<Candidate> open = candidates
                .filter(candidate -> scores.stream().noneMatch(score -> score.candidate().equals(candidate))).toList();
        scores.addAll(open.parallelStream().map(candidate ->
                new Scorer(transformer.withRopeTheta(candidate.ropeTheta()))
                        .score(candidate, sample.mask(tokenizers.of(candidate)))).toList());
    }
}
