package org.bybert.encoder.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.detect.Detection.Candidate;
import org.bybert.encoder.detect.Detection.Score;
import org.bybert.encoder.detect.Detection.Verdict;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * Measures how a model was trained: every byte encoding, with and without an end-of-sequence token, and, where
 * config.json has no {@code rope_theta}, several of these for the best. All share one copy of the weights. The cost is
 * 6 passes over the built-in sample of some 2,200 tokens, and at most 6 more for {@code rope_theta}, whatever the model;
 * candidates run side by side on the cores there are. The ids of the special tokens, and with them those of the bytes,
 * are the model's own; where it has none, they are those that the presets of the published models infer.
 */
public final class Detector {

    /** The preset whose ids stand in for those of a model that has none. */
    public static final String LAYOUT = "bybert-jp-100m";

    /** Bases in use among published models. */
    private static final List<Double> THETAS = List.of(10_000.0, 20_000.0, 50_000.0, 100_000.0, 500_000.0, 1_000_000.0);

    private static final String SPECIALS = "added_tokens_decoder";
    private static final String ENCODING = "byte_encoding";
    private static final String EOS = "add_eos_token";

    private final Transformer transformer;
    private final Settings settings;
    private final ObjectNode values;
    private final boolean inferred;
    private final List<Score> scores = new ArrayList<>();
    private final List<Verdict> verdicts = new ArrayList<>();

    /** @param settings of tokenizer_config.json, however incomplete */
    public Detector(Transformer transformer, Settings settings) {
        this.transformer = transformer;
        this.settings = settings;
        this.values = settings.values().deepCopy();
        this.inferred = !values.hasNonNull(SPECIALS);
        if (inferred) {
            Preset layout = Presets.packed().of(LAYOUT);
            for (String key : List.of(SPECIALS, "bos_token", "eos_token", "mask_token")) {
                values.set(key, layout.tokenizerJson().get(key).value());
            }
        }
    }

    /** Whether the ids are inferred, not the model's own. */
    public boolean layoutIsInferred() {
        return inferred;
    }

    /**
     * To be called once.
     *
     * @param thetaIsOpen whether nothing gives {@code rope_theta}: then it is measured too
     * @throws ModelException where the tokens do not fit the model
     */
    public Detection run(boolean thetaIsOpen) {
        double theta = transformer.config().ropeTheta();
        String encoding = values.path(ENCODING).asText(null);
        score(ByteEncoding.names().stream().flatMap(name -> withEos(name, theta)));
        verdicts.add(Detection.verdict(ENCODING, scores, Candidate::encoding, encoding));
        Candidate best = Detection.best(scores).candidate();
        if (thetaIsOpen) {
            best = measureTheta(best);
        }
        if (hasEos()) {
            Candidate found = best;
            score(withEos(found.encoding(), found.ropeTheta()));
            verdicts.add(Detection.verdict(
                    EOS,
                    scoresWhere(candidate -> candidate.encoding().equals(found.encoding())
                            && candidate.ropeTheta() == found.ropeTheta()),
                    candidate -> Boolean.toString(candidate.appendsEos()),
                    encoding == null ? null : Boolean.toString(values.path(EOS).asBoolean())));
        }
        scores.sort(Comparator.comparingDouble(Score::loss));
        return new Detection(List.copyOf(scores), List.copyOf(verdicts));
    }

    private Candidate measureTheta(Candidate best) {
        score(THETAS.stream().map(theta -> new Candidate(best.encoding(), best.appendsEos(), theta)));
        List<Score> thetas = scoresWhere(candidate ->
                candidate.encoding().equals(best.encoding()) && candidate.appendsEos() == best.appendsEos());
        verdicts.add(Detection.verdict(
                "rope_theta",
                thetas,
                candidate -> text(candidate.ropeTheta()),
                text(transformer.config().ropeTheta())));
        return Detection.best(thetas).candidate();
    }

    private static String text(double theta) {
        return BigDecimal.valueOf(theta).stripTrailingZeros().toPlainString();
    }

    private boolean hasEos() {
        return values.hasNonNull("eos_token");
    }

    private Stream<Candidate> withEos(String encoding, double theta) {
        Stream<Boolean> eos = hasEos() ? Stream.of(false, true) : Stream.of(false);
        return eos.map(appended -> new Candidate(encoding, appended, theta));
    }

    private List<Score> scoresWhere(Predicate<Candidate> wanted) {
        return scores.stream().filter(score -> wanted.test(score.candidate())).toList();
    }

    private void score(Stream<Candidate> candidates) {
        List<Candidate> open = candidates
                .filter(candidate -> scoresWhere(candidate::equals).isEmpty())
                .toList();
        scores.addAll(open.parallelStream()
                .map(candidate -> {
                    ObjectNode json = values.deepCopy()
                            .put(ENCODING, candidate.encoding())
                            .put(EOS, candidate.appendsEos());
                    ByteTokenizer tokenizer = ByteTokenizer.read(
                            new Settings(settings.file(), json),
                            transformer.config().vocabSize());
                    return Sample.score(candidate, tokenizer, transformer.withRopeTheta(candidate.ropeTheta()));
                })
                .toList());
    }
}
