package org.bybert.udf.sql;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * What decides how a call answers: an argument that is given by name, and a key of the session with
 * {@link Defaults#PREFIX} before it.
 */
enum Setting {
    MODEL("a folder at the same path on the driver and all executors, an id of the Hugging Face hub (ORG/NAME or "
            + "ORG/NAME@REVISION), a folder that Hadoop reads (hdfs://, s3a://), or NAME of --archives FILE.zip#NAME"),
    MODEL_OPTIONS("map of values that replace those of the model's JSON files, e.g. map('byte_encoding', 'utf-8')"),
    POOLING("mean (default), cls or max over the tokens"),
    NORMALIZE("true scales the vector to length 1; default false"),
    MAX_BYTES("longest text in bytes of the model's encoding; default: what fits the model's positions"),
    LONG_TEXT("a longer text is an error (default), or truncate cuts it, or split embeds windows of it"),
    SPECIAL_TOKENS("text (default) reads <s>, <pad> or <mask> in a text byte by byte; parse takes them for the tokens"),
    DECODE(
            "valid (default) fills gaps with the most probable text, bytes with the most probable byte at each mask, which "
                    + "may be no text"),
    TOP_K(
            "candidates for each gap, up to 100; the result has gaps array<struct<start, length, candidates array<struct<text, "
                    + "logprob>>>> then; default 0, none"),
    LENGTH_BY(
            "texts of different lengths are compared by the logarithm of their probability per char (default) or byte"),
    PASSES(
            "forward passes at most: each writes the surest characters, the next one looks at the rest again; with several "
                    + "top_k is at most 1; default 1"),
    BATCH_BYTES("bytes that the model reads at once; decides nothing but speed and memory"),
    METHOD("which bytes are masked beside the one that is asked for: word (default), all of its word; word-l2r, those "
            + "right of it in its word; byte, none (unit byte)"),
    UNIT("what is masked as a whole: word (default), char or byte"),
    SEGMENTER("how words are cut: unidic (default; needs Kuromoji's jars) or mecab:DIR, a dictionary that MeCab has "
            + "compiled: a folder at the same path on all hosts, one that Hadoop reads, or NAME of --archives"),
    JOIN_DIGITS(
            "true (default): runs of digits and runs of letters of one script are one word; false: as the dictionary "
                    + "cuts them"),
    TARGETS("an array of texts to choose from, each at its own length; a constant, or of each row"),
    RATE("share of the units that is masked, above 0 and at most 1; at least one is"),
    SEED("a whole number; the seed and the text decide which units are masked");

    final String description;
    /** The argument's name. */
    final String key;

    Setting(String description) {
        this.description = description;
        this.key = name().toLowerCase(Locale.ROOT);
    }

    static List<String> keys(List<Setting> settings) {
        return settings.stream().map(setting -> setting.key).toList();
    }

    /** Positional arguments belong to their call. */
    static List<Setting> ofSession() {
        return Arrays.stream(values())
                .filter(s -> s != MODEL_OPTIONS && s != TARGETS && s != RATE && s != SEED)
                .toList();
    }

    /**
     * A value that somebody gave.
     *
     * @param origin where, for messages: an argument or a key of the session
     */
    record Given(String origin, String value) {

        IllegalArgumentException refused(String expected) {
            return new IllegalArgumentException(origin + ": expected " + expected + ", found '" + value + "'");
        }

        <E extends Enum<E>> E oneOf(Class<E> type) {
            List<E> values = Arrays.asList(type.getEnumConstants());
            return values.stream()
                    .filter(v -> v.toString().equalsIgnoreCase(value.strip()))
                    .findFirst()
                    .orElseThrow(() -> refused(values.toString().toLowerCase(Locale.ROOT)));
        }

        boolean bool() {
            return switch (value.strip().toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw refused("true or false");
            };
        }

        int integer() {
            return number(Integer::valueOf, "a whole number");
        }

        double share() {
            String expected = "a number above 0 and at most 1";
            double share = number(Double::valueOf, expected);
            if (!(share > 0 && share <= 1)) {
                throw refused(expected);
            }
            return share;
        }

        <N> N number(Function<String, N> parser, String expected) {
            try {
                return parser.apply(value.strip());
            } catch (NumberFormatException e) {
                throw refused(expected);
            }
        }
    }
}
