package org.bybert.encoder.detect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.checkpoint.Json;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.detect.Detection.Score;
import org.bybert.encoder.detect.Detection.Verdict;
import org.bybert.encoder.detect.Inputs.Evidence;
import org.bybert.encoder.detect.Inputs.Word;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * Measures how a model was trained, one setting after the other: which byte encoding predicts masked sentences best, which
 * special tokens were ever inputs and whether those help, which {@code rope_theta}. All candidates share one copy of the
 * weights and run side by side on the cores there are; the clearer a result is, the fewer sentences are read. Where the ids
 * of special tokens and bytes are not the model's own, or the bytes may begin at several, what fits is tried, too.
 */
public final class Detector {

    /** The preset whose ids stand in for those of a model that has none. */
    public static final String LAYOUT = "bybert-jp-100m";

    public static final String ENCODING = "byte_encoding";
    public static final String BOS = "add_bos_token";
    public static final String EOS = "add_eos_token";
    public static final String THETA = "rope_theta";
    /** The layout of ids: that of the special tokens, and the id of byte 0. */
    public static final String SPECIALS = "added_tokens_decoder";

    public static final String OFFSET = "byte_offset";

    /** Bases in use among published models. */
    private static final List<Double> THETAS = List.of(10_000.0, 20_000.0, 50_000.0, 100_000.0, 500_000.0, 1_000_000.0);

    /**
     * Tokens at most that a model of a hundred million parameters or more reads where its ids are known: less than five
     * seconds for each hundred million on two cores. The first result of the layouts of ids, and of an open rope_theta, is
     * had in any case. Small models read up to six times as many.
     */
    static final int TOKENS = 1_100;

    private static final long LARGE = 100_000_000;
    /** Layouts that are tried with each encoding, of those that fit. */
    private static final int LAYOUTS = 3;

    private static final List<String> ROLES = List.of("mask_token", "bos_token", "eos_token");

    /** Keys that a candidate may bring with its layout of ids. */
    static final Set<String> LAYOUT_KEYS = Set.of(SPECIALS, OFFSET, "mask_token", "bos_token", "eos_token");

    private final Transformer transformer;
    private final Settings settings;
    private final ObjectNode values;
    /** Options that make up a layout; more than one where it is open. */
    private final List<Candidate> layouts;

    private final List<Verdict> verdicts = new ArrayList<>();
    /** Below 0 where a first result took more than there were. */
    int tokensLeft;

    /** @param settings of tokenizer_config.json, however incomplete */
    public Detector(Transformer transformer, Settings settings) {
        this(transformer, settings, (int) (TOKENS * Math.max(1, Math.min(6, LARGE / size(transformer.config())))));
    }

    /** @param tokens that may be read */
    Detector(Transformer transformer, Settings settings, int tokens) {
        this.transformer = transformer;
        this.settings = settings;
        this.values = settings.values().deepCopy();
        this.tokensLeft = tokens;
        this.layouts = layoutIsInferred() ? inferredLayouts() : List.of(new Candidate(Map.of()));
        if (layoutIsInferred()) {
            // Candidates bring them.
            values.remove(SPECIALS);
        }
    }

    /** The special tokens of the published models before the bytes, and behind them. */
    private List<Candidate> inferredLayouts() {
        Preset known = Presets.packed().of(LAYOUT);
        Candidate before = new Candidate(Map.of());
        for (String role : ROLES) {
            if (!values.hasNonNull(role)) {
                before = before.with(
                        role, known.tokenizerJson().get(role).value().toString());
            }
        }
        JsonNode specials = settings.values().hasNonNull(SPECIALS)
                ? settings.values().get(SPECIALS)
                : known.tokenizerJson().get(SPECIALS).value();
        ObjectNode moved = JsonNodeFactory.instance.objectNode();
        specials.properties()
                .forEach(entry -> moved.set(String.valueOf(256 + Integer.parseInt(entry.getKey())), entry.getValue()));
        before = before.with(SPECIALS, specials.toString());
        return 256 + specials.size() > transformer.config().vocabSize()
                ? List.of(before)
                : List.of(before, before.with(SPECIALS, moved.toString()));
    }

    /** Multiplications per token, about. */
    private static long size(ModelConfig config) {
        return (long) config.layers()
                * config.hiddenSize()
                * (2 * config.querySize() + 2 * config.keyValueSize() + 3 * config.intermediateSize());
    }

    /** Whether the ids are inferred, not the model's own. */
    public boolean layoutIsInferred() {
        return settings.isOpen(SPECIALS);
    }

    /**
     * The settings that nobody gives: neither the command line nor the checkpoint's files nor a confirmed value of a preset.
     * A token that the model does not have cannot be added; {@link #run} leaves it out.
     *
     * @param config of config.json
     * @param tokenizer of tokenizer_config.json, however incomplete
     */
    public static List<String> open(Settings config, Settings tokenizer, int vocabSize) {
        List<String> open = new ArrayList<>();
        Stream.of(ENCODING, EOS, BOS).filter(tokenizer::isOpen).forEach(open::add);
        boolean layout = tokenizer.isOpen(SPECIALS);
        if (!layout) {
            open.removeIf(key -> !key.equals(ENCODING) && !tokenizer.values().hasNonNull(token(key)));
        }
        List<String> encodings = open.contains(ENCODING)
                ? ByteEncoding.names()
                : List.of(tokenizer.values().get(ENCODING).asText());
        if (layout) {
            open.add(SPECIALS);
        } else if (tokenizer.isOpen(OFFSET)
                && encodings.stream()
                        .anyMatch(name ->
                                ByteTokenizer.byteOffsets(tokenizer, ByteEncoding.named(name, ENCODING), vocabSize)
                                                .size()
                                        > 1)) {
            open.add(OFFSET);
        }
        if (config.isOpen(THETA)) {
            open.add(THETA);
        }
        return open;
    }

    /**
     * To be called once.
     *
     * @param measured keys of the settings to be measured, of those above; a token that the model does not have is left out
     * @param both     whether a token is tried that was never an input: it cannot change a verdict
     * @throws ModelException where the tokens do not fit the model
     */
    public Detection run(Collection<String> measured, boolean both) {
        boolean encodingIsOpen = measured.contains(ENCODING);
        Candidate start = start();
        List<String> encodings = encodingIsOpen ? ByteEncoding.names() : List.of(start.get(ENCODING));
        List<Candidate> field =
                fitting(encodings.stream().flatMap(name -> layouts(start, name)).toList());
        List<Score> scores = race(field, Sample.Part.ANYWHERE);
        boolean usesContext = scores.get(0).usesContext();
        Candidate best = scores.get(0).candidate();
        if (encodingIsOpen) {
            best = decide(
                    best,
                    Detection.verdict(
                            ENCODING, values(scores, ENCODING), scores, start.get(ENCODING), null, usesContext));
        }
        for (String layout : List.of(SPECIALS, OFFSET)) {
            if (best.get(layout) != null) {
                List<Score> laid = scores.stream()
                        .filter(score -> score.candidate().get(layout) != null)
                        .toList();
                best = decide(best, Detection.verdict(layout, values(laid, layout), laid, null, null, usesContext));
            }
        }
        Inputs inputs = Inputs.of(transformer, tokenizer(best));
        for (String flag : List.of(EOS, BOS)) {
            if (measured.contains(flag) && json(best).hasNonNull(token(flag))) {
                Evidence evidence = evidence(inputs, flag, best);
                boolean run = usesContext && (both || evidence.word() != Word.NEVER_READ);
                Sample.Part part = flag.equals(EOS) ? Sample.Part.END : Sample.Part.BEGINNING;
                List<String> choice = List.of("false", "true");
                scores = run ? race(with(best, flag, choice), part) : List.of();
                String configured = values.hasNonNull(flag) ? values.get(flag).asText() : null;
                best = decide(best, Detection.verdict(flag, choice, scores, configured, evidence, usesContext));
            }
        }
        if (measured.contains(THETA)) {
            String configured = start.get(THETA);
            List<String> thetas = Stream.concat(THETAS.stream().map(Detector::text), Stream.of(configured))
                    .distinct()
                    .toList();
            scores = usesContext ? race(with(best, THETA, thetas), Sample.Part.WHOLE) : List.of();
            best = decide(best, Detection.verdict(THETA, thetas, scores, configured, null, usesContext));
        }
        return new Detection(List.copyOf(verdicts), best);
    }

    private static List<String> values(List<Score> scores, String setting) {
        return scores.stream()
                .map(score -> score.candidate().get(setting))
                .distinct()
                .toList();
    }

    /** Those whose tokens fit the model. */
    private List<Candidate> fitting(List<Candidate> candidates) {
        List<Candidate> fitting = new ArrayList<>();
        ModelException misfit = null;
        for (Candidate candidate : candidates) {
            try {
                tokenizer(candidate).maskId();
                fitting.add(candidate);
            } catch (ModelException e) {
                misfit = e;
            }
        }
        if (fitting.isEmpty()) {
            throw misfit;
        }
        return fitting;
    }

    /** Of the layouts that fit those that agree best with the weights: where one fits, it is this one. */
    private Stream<Candidate> layouts(Candidate start, String encoding) {
        List<Candidate> fitting = new ArrayList<>();
        for (Candidate layout : layouts) {
            Candidate candidate = start.with(layout).with(ENCODING, encoding);
            ObjectNode json = json(candidate);
            List<Integer> offsets = json.hasNonNull(OFFSET)
                    ? List.of()
                    : ByteTokenizer.byteOffsets(
                            new Settings(settings.file(), json),
                            ByteEncoding.named(encoding, settings.file().toString()),
                            transformer.config().vocabSize());
            if (offsets.size() < 2) {
                fitting.add(candidate);
            }
            offsets.stream()
                    .filter(offset -> offsets.size() > 1)
                    .forEach(offset -> fitting.add(candidate.with(OFFSET, String.valueOf(offset))));
        }
        if (fitting.size() <= LAYOUTS) {
            return fitting.stream();
        }
        Map<Candidate, Integer> misfits = new HashMap<>();
        fitting.forEach(candidate -> misfits.put(candidate, misfits(tokenizer(candidate))));
        return fitting.stream().sorted(Comparator.comparing(misfits::get)).limit(LAYOUTS);
    }

    /** Rows that have moved and should not have, and rows of frequent bytes that have not and should. */
    private int misfits(ByteTokenizer tokenizer) {
        Inputs inputs = Inputs.of(transformer, tokenizer);
        BitSet read = new BitSet();
        IntStream.range(0, Sample.COUNT)
                .mapToObj(n -> Sample.of(n, Sample.Part.ANYWHERE, tokenizer))
                .flatMapToInt(sample -> Arrays.stream(sample.ids()))
                .forEach(read::set);
        return (int)
                (tokenizer.spareIds().stream().filter(id -> !inputs.isStill(id)).count()
                        + read.stream().filter(inputs::isStill).count());
    }

    private Candidate decide(Candidate best, Verdict verdict) {
        verdicts.add(verdict);
        return best.with(verdict.setting(), verdict.value());
    }

    /** As the model would be opened. */
    private Candidate start() {
        Candidate start = new Candidate(Map.of(THETA, text(transformer.config().ropeTheta())));
        for (String key : List.of(ENCODING, BOS, EOS)) {
            start = values.hasNonNull(key) ? start.with(key, values.get(key).asText()) : start;
        }
        return start;
    }

    private static String text(double theta) {
        return BigDecimal.valueOf(theta).stripTrailingZeros().toPlainString();
    }

    private static String token(String flag) {
        return flag.equals(EOS) ? "eos_token" : "bos_token";
    }

    private Evidence evidence(Inputs inputs, String flag, Candidate best) {
        int[] with = tokenizer(best.with(BOS, "false").with(EOS, "false").with(flag, "true"))
                .encodePlain("");
        return inputs.of(tokenizer(best).decode(with, 0, 1), with[0]);
    }

    private static List<Candidate> with(Candidate base, String setting, List<String> choice) {
        return choice.stream().map(value -> base.with(setting, value)).toList();
    }

    private List<Score> race(List<Candidate> candidates, Sample.Part part) {
        Race race = Race.of(
                candidates,
                part,
                this::tokenizer,
                candidate -> transformer.withRopeTheta(Double.parseDouble(candidate.get(THETA))));
        int read = race.run(tokensLeft);
        tokensLeft -= read;
        return read == 0 ? List.of() : race.scores();
    }

    private ByteTokenizer tokenizer(Candidate candidate) {
        return ByteTokenizer.read(
                new Settings(settings.file(), json(candidate)),
                transformer.config().vocabSize());
    }

    private ObjectNode json(Candidate candidate) {
        ObjectNode json = values.deepCopy();
        candidate.options().forEach((key, value) -> {
            if (!key.equals(THETA)) {
                json.set(key, Json.parseValue(value, key));
            }
        });
        return json;
    }
}
