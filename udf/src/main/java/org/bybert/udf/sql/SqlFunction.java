package org.bybert.udf.sql;

import java.util.List;
import java.util.function.Function;
import org.bybert.udf.sql.plan.TextFunction;

/** The functions: their names, arguments and descriptions, and what answers them. */
enum SqlFunction {
    EMBED(
            "bybert_embed",
            Functions.Embed::new,
            List.of(),
            List.of(
                    Setting.POOLING,
                    Setting.NORMALIZE,
                    Setting.MAX_BYTES,
                    Setting.LONG_TEXT,
                    Setting.SPECIAL_TOKENS,
                    Setting.BATCH_BYTES,
                    Setting.MODEL,
                    Setting.MODEL_OPTIONS),
            "Returns the embedding of a text, array<float> of the model's hidden size. Null for null and for a text "
                    + "that is refused, see bybert_check.",
            "'川の水は冷たい。', pooling => 'cls', normalize => true"),

    FILL_MASK(
            "bybert_fill_mask",
            Functions.FillMask::new,
            List.of(),
            List.of(
                    Setting.DECODE,
                    Setting.TOP_K,
                    Setting.LENGTH_BY,
                    Setting.PASSES,
                    Setting.MAX_BYTES,
                    Setting.LONG_TEXT,
                    Setting.BATCH_BYTES,
                    Setting.MODEL,
                    Setting.MODEL_OPTIONS),
            "Fills every <mask> of a text, one per byte, with the most probable text; <mask:6> stands for six of them, "
                    + "<mask:3-12> and <mask:?> (1 to 24) for as many as fit best. Returns struct<text, score, error>: score "
                    + "is the geometric mean of the probabilities of what was filled in (null without a mask); error is why a text is refused, or null. Null for null.",
            "'日本一高い山は<mask><mask><mask><mask><mask><mask><mask><mask><mask>です。'"),

    CHOOSE(
            "bybert_choose",
            Functions.Choose::new,
            List.of(Setting.TARGETS),
            List.of(Setting.LENGTH_BY, Setting.MAX_BYTES, Setting.BATCH_BYTES, Setting.MODEL, Setting.MODEL_OPTIONS),
            "Puts each of some texts in the one gap of a text, at its own length. Returns struct<text, probability, error, "
                    + "targets>: text is the most probable one, probability its share among the targets; targets is "
                    + "array<struct<text, logprob, probability>>, best first; error is why a text is refused, or null. "
                    + "Null for null.",
            "'川の水は<mask>。', array('冷たい', '赤い')"),

    MASK_WORDS(
            "bybert_mask_words",
            Functions.MaskWords::new,
            List.of(Setting.RATE, Setting.SEED),
            List.of(
                    Setting.UNIT,
                    Setting.SEGMENTER,
                    Setting.JOIN_DIGITS,
                    Setting.MAX_BYTES,
                    Setting.LONG_TEXT,
                    Setting.MODEL,
                    Setting.MODEL_OPTIONS),
            "Masks a share of a text's words, one <mask> per byte. Returns struct<masked_text, spans, error>: spans is "
                    + "array<struct<start, end, text>> in bytes of the model's encoding; error is why a text is "
                    + "refused, or null. Null for null.",
            "'川の水は冷たい。', 0.15, 42, unit => 'char'"),

    SCORE(
            "bybert_score",
            Functions.Score::new,
            List.of(),
            List.of(
                    Setting.METHOD,
                    Setting.UNIT,
                    Setting.SEGMENTER,
                    Setting.JOIN_DIGITS,
                    Setting.MAX_BYTES,
                    Setting.LONG_TEXT,
                    Setting.BATCH_BYTES,
                    Setting.MODEL,
                    Setting.MODEL_OPTIONS),
            "Returns how probable the model finds a text: the mean of the natural logarithms of the probabilities of "
                    + "its words' bytes, each word masked alone and all its bytes at once, or byte by byte (method). 0 "
                    + "or below; the higher the more probable. It costs one forward pass per word, with the methods "
                    + "word-l2r and byte one per byte. Null for null, and for a text that is too long or blank.",
            "'川の水は冷たい。', method => 'word-l2r', unit => 'char'"),

    CHECK(
            "bybert_check",
            Functions.Check::new,
            List.of(),
            List.of(Setting.MAX_BYTES, Setting.LONG_TEXT, Setting.SPECIAL_TOKENS, Setting.MODEL, Setting.MODEL_OPTIONS),
            "Returns why bybert_embed has no answer for a text, or null; reads no weights. (bybert_fill_mask, which "
                    + "takes masks for one token each, gives its own reason.)",
            "'川の水は冷たい。', max_bytes => 10"),

    MODEL(
            "bybert_model",
            null,
            List.of(),
            List.of(Setting.MODEL, Setting.MODEL_OPTIONS),
            "Returns which model answers: struct<model, revision, fingerprint, settings, measured>. settings is "
                    + "map<string, struct<value, origin>>; measured says of what the model's files leave open how clear it "
                    + "is. Reads no weights, but where something has to be measured.",
            "");

    final String sqlName;
    /** What a call becomes; null where it has no text. */
    final Function<CallSettings, TextFunction> implementation;
    /** Arguments that follow the text. */
    final List<Setting> positional;
    /** Arguments that are given by name only. */
    final List<Setting> options;

    final String usage;
    /** Arguments of a call that works with any model. */
    final String example;

    SqlFunction(
            String sqlName,
            Function<CallSettings, TextFunction> implementation,
            List<Setting> positional,
            List<Setting> options,
            String usage,
            String example) {
        this.sqlName = sqlName;
        this.implementation = implementation;
        this.positional = positional;
        this.options = options;
        this.usage = usage;
        this.example = example;
    }

    boolean takesText() {
        return implementation != null;
    }

    boolean takes(Setting setting) {
        return positional.contains(setting) || options.contains(setting);
    }

    boolean masks() {
        return this == FILL_MASK || this == CHOOSE || this == MASK_WORDS || this == SCORE;
    }
}
