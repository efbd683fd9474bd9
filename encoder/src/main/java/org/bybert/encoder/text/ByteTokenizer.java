package org.bybert.encoder.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bybert.encoder.checkpoint.Json;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.text.MaskShorthand.Expanded;
import org.bybert.encoder.text.TokenizerConfig.SpecialToken;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Text to token ids and back: byte {@code b} is id {@code byteOffset + b}, special tokens have the ids that the
 * checkpoint's files give them: before the bytes, after them, or on byte values that the encoding never makes. Immutable and safe for use by many threads.
 */
public final class ByteTokenizer {

    /** Keys of tokenizer_config.json that {@code overrides} may replace. */
    public static final List<String> OVERRIDABLE = List.of(
            "byte_encoding",
            "add_bos_token",
            "add_eos_token",
            TokenizerConfig.OFFSET,
            SpecialFiles.DECODER,
            "mask_token",
            "bos_token",
            "eos_token");

    private static final Logger LOG = LoggerFactory.getLogger(ByteTokenizer.class);

    private final TokenizerConfig config;
    private final CharTable table;
    private final SpecialToken[] longestFirst;
    /** Whether some special token begins with this character; as long as the highest that does. */
    private final boolean[] startsSpecial;

    private final Map<Integer, String> specialTexts = new HashMap<>();
    /** Null without a mask token. */
    private final MaskShorthand shorthand;

    private ByteTokenizer(TokenizerConfig config) {
        this.config = config;
        this.table = config.encoding().table();
        this.longestFirst = config.specials().stream()
                .sorted(Comparator.comparingInt(
                                (SpecialToken token) -> token.text().length())
                        .reversed())
                .toArray(SpecialToken[]::new);
        int highest = config.specials().stream()
                .mapToInt(token -> token.text().charAt(0))
                .max()
                .orElse(-1);
        this.startsSpecial = new boolean[highest + 1];
        config.specials().forEach(token -> startsSpecial[token.text().charAt(0)] = true);
        config.specials().forEach(token -> specialTexts.put(token.id(), token.text()));
        this.shorthand = hasMask() ? new MaskShorthand(maskText()) : null;
    }

    /**
     * The values of tokenizer_config.json, of the other files that a folder may have them in, of the command line and of a
     * preset.
     *
     * @param config of config.json, which may have ids
     * @throws ModelException where nothing of this says what the special tokens are
     */
    public static Settings settings(Path folder, Map<String, String> overrides, Preset preset, Settings config) {
        Settings settings = incompleteSettings(folder, overrides, preset, config);
        if (!Files.exists(settings.file()) && !settings.values().hasNonNull(SpecialFiles.DECODER)) {
            throw new ModelException(settings.file()
                    + ": file not found, and no preset stands for it; copy it from where the model "
                    + "is from, or name the preset of the published model ("
                    + String.join(", ", Presets.packed().names())
                    + ")");
        }
        return settings;
    }

    /** As {@link #settings(Path, Map, Preset, Settings)}, without ids of config.json. */
    static Settings settings(Path folder, Map<String, String> overrides, Preset preset) {
        return settings(
                folder,
                overrides,
                preset,
                new Settings(folder.resolve(ModelFiles.CONFIG), JsonNodeFactory.instance.objectNode()));
    }

    /** As {@link #settings}, whatever is missing. */
    public static Settings incompleteSettings(
            Path folder, Map<String, String> overrides, Preset preset, Settings config) {
        Path file = folder.resolve(ModelFiles.TOKENIZER);
        ObjectNode json = Files.exists(file) ? Json.readObject(file) : JsonNodeFactory.instance.objectNode();
        warnAboutMap(folder.resolve(SpecialFiles.MAP), json);
        Settings settings = new Settings(file, json);
        SpecialFiles.fill(settings, folder, config);
        return settings.replace(overrides, OVERRIDABLE).fill(preset, preset.tokenizerJson());
    }

    /** Older tokenizers have their special tokens in a file of their own too, which is read for what is missing. */
    private static void warnAboutMap(Path map, ObjectNode json) {
        if (!Files.isRegularFile(map)) {
            return;
        }
        try {
            ObjectNode other = Json.readObject(map);
            for (String key : List.of("mask_token", "bos_token", "eos_token")) {
                if (other.hasNonNull(key)
                        && json.hasNonNull(key)
                        && !TokenizerConfig.text(json.path(key)).equals(TokenizerConfig.text(other.path(key)))) {
                    LOG.warn(
                            "{}: {} is {}, in {} it is {}; the latter is used",
                            map,
                            key,
                            other.get(key),
                            ModelFiles.TOKENIZER,
                            json.get(key));
                }
            }
        } catch (ModelException e) {
            LOG.warn("{} (it is not used)", e.getMessage());
        }
    }

    /** Warns where config.json gives a token that is used another id. */
    public void compareWith(Settings model) {
        Map.of("mask_token_id", config.maskId(), "bos_token_id", config.prefix(), "eos_token_id", config.suffix())
                .forEach((key, id) -> {
                    JsonNode other = model.values().path(key);
                    if (id >= 0 && other.isInt() && other.intValue() != id) {
                        LOG.warn(
                                "{}: {} is {}, by {} it is {}; the latter is used",
                                model.file(),
                                key,
                                other,
                                config.file(),
                                id);
                    }
                });
    }

    /**
     * @param vocabSize number of ids of the model
     * @throws ModelException where the values do not describe a byte tokenizer of that size
     */
    public static ByteTokenizer read(Settings settings, int vocabSize) {
        return new ByteTokenizer(TokenizerConfig.read(settings, vocabSize));
    }

    public ByteEncoding encoding() {
        return config.encoding();
    }

    public boolean hasMask() {
        return config.maskId() >= 0;
    }

    /** @throws ModelException where the tokenizer has no mask token */
    public int maskId() {
        if (!hasMask()) {
            throw new ModelException(
                    config.file() + ": expected a mask_token, found none: this model can embed, not fill masks");
        }
        return config.maskId();
    }

    /** The text of the mask token. */
    public String maskText() {
        return specialTexts.get(maskId());
    }

    /** @throws ModelException where the tokenizer has no mask token */
    public MaskShorthand shorthand() {
        maskId();
        return shorthand;
    }

    /** As {@link MaskShorthand#expand}; the text as it is where there is no mask token. */
    public Expanded expandMasks(String text, int most) {
        return shorthand == null ? new Expanded(text, 0) : shorthand.expand(text, most);
    }

    /** Ids of the byte values that no text has in the model's encoding. */
    public BitSet unmadeIds() {
        BitSet ids = new BitSet();
        ids.set(config.byteOffset(), Math.min(config.byteOffset() + 256, config.vocabSize()));
        config.encoding().values().stream().forEach(value -> ids.clear(config.byteOffset() + value));
        config.specials().forEach(token -> ids.clear(token.id()));
        return ids;
    }

    /** Ids that stand for nothing: no byte and no token but those that were set aside for other uses. */
    public BitSet spareIds() {
        BitSet ids = new BitSet();
        ids.set(0, config.vocabSize());
        ids.clear(config.byteOffset(), config.byteOffset() + 256);
        config.specials().stream()
                .filter(token -> !token.text().matches("(?i).*(extra|unused|reserved).*"))
                .forEach(token -> ids.clear(token.id()));
        return ids;
    }

    /** Number of tokens that every text gets before it. */
    public int prefixLength() {
        return config.prefix() < 0 ? 0 : 1;
    }

    /** Number of tokens that every text gets, before and after it. */
    public int addedTokens() {
        return prefixLength() + (config.suffix() < 0 ? 0 : 1);
    }

    /** Ids of a text in which the text of a special token stands for that token. */
    public int[] encode(String text) {
        // Enough, as a special token is no longer than its text.
        int[] ids = new int[table.byteLength(text) + addedTokens()];
        int size = begin(ids);
        int segment = 0;
        int at = 0;
        while (at < text.length()) {
            SpecialToken special = specialAt(text, at);
            if (special == null) {
                at++;
                continue;
            }
            int end = at;
            while (special.stripLeft() && end > segment && Character.isWhitespace(text.charAt(end - 1))) {
                end--;
            }
            size = table.encode(text, segment, end, config.byteOffset(), ids, size);
            ids[size++] = special.id();
            at += special.text().length();
            while (special.stripRight() && at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            segment = at;
        }
        return finish(ids, table.encode(text, segment, at, config.byteOffset(), ids, size));
    }

    /** Ids of a text in which nothing stands for a special token: data, not a prompt. */
    public int[] encodePlain(String text) {
        int[] ids = new int[table.byteLength(text) + addedTokens()];
        return finish(ids, table.encode(text, 0, text.length(), config.byteOffset(), ids, begin(ids)));
    }

    /** Writes the token before the text; returns the place after it. */
    private int begin(int[] ids) {
        if (config.prefix() < 0) {
            return 0;
        }
        ids[0] = config.prefix();
        return 1;
    }

    /** Writes the token after the text, and cuts off what is not used. */
    private int[] finish(int[] ids, int size) {
        if (config.suffix() >= 0) {
            ids[size++] = config.suffix();
        }
        return size == ids.length ? ids : Arrays.copyOf(ids, size);
    }

    /**
     * A prefix of whole characters and special tokens that encodes to at most {@code maxTokens} ids: the longest, but
     * for white space that a special token would have swallowed.
     */
    public String truncate(String text, int maxTokens) {
        return text.substring(0, end(text, 0, maxTokens, false));
    }

    /**
     * Where the part of a text ends that begins at {@code from} and is what {@link #truncate} keeps of the rest.
     *
     * @param plain whether nothing stands for a special token, as for {@link #encodePlain}
     */
    public int end(String text, int from, int maxTokens, boolean plain) {
        int room = maxTokens - addedTokens();
        int at = from;
        while (at < text.length()) {
            SpecialToken special = plain ? null : specialAt(text, at);
            room -= tokensAt(text, at, special);
            if (room < 0) {
                break;
            }
            at += charsAt(text, at, special);
        }
        return at;
    }

    /** Number of masks among the ids that {@link #encode} gives. */
    public int masks(String text) {
        int mask = maskId();
        return (int) Arrays.stream(encode(text)).filter(id -> id == mask).count();
    }

    /** Number of ids that {@link #encode} gives, and of those for white space that a special token swallows. */
    public int tokens(String text) {
        int tokens = addedTokens();
        int at = 0;
        while (at < text.length()) {
            SpecialToken special = specialAt(text, at);
            tokens += tokensAt(text, at, special);
            at += charsAt(text, at, special);
        }
        return tokens;
    }

    private int tokensAt(String text, int at, SpecialToken special) {
        return special == null ? config.encoding().byteLength(text.codePointAt(at)) : 1;
    }

    private static int charsAt(String text, int at, SpecialToken special) {
        return special == null
                ? Character.charCount(text.codePointAt(at))
                : special.text().length();
    }

    private SpecialToken specialAt(String text, int at) {
        char first = text.charAt(at);
        if (first >= startsSpecial.length || !startsSpecial[first]) {
            return null;
        }
        for (SpecialToken token : longestFirst) {
            if (text.startsWith(token.text(), at)) {
                return token;
            }
        }
        return null;
    }

    /** Number of added tokens before the text. */
    public int textStart(int[] ids) {
        return ids.length > 0 && config.prefix() >= 0 && ids[0] == config.prefix() ? 1 : 0;
    }

    /** The inverse of {@link #encode} and {@link #encodePlain}: the added tokens at either end are left out. */
    public String decode(int[] ids) {
        int from = textStart(ids);
        int to = ids.length > from && config.suffix() >= 0 && ids[ids.length - 1] == config.suffix()
                ? ids.length - 1
                : ids.length;
        return decode(ids, from, to);
    }

    /**
     * Text of the ids {@code from} to {@code to}: special tokens by their text, invalid byte runs and ids that stand
     * for nothing as U+FFFD.
     */
    public String decode(int[] ids, int from, int to) {
        StringBuilder text = new StringBuilder();
        byte[] bytes = new byte[to - from];
        int pending = 0;
        for (int i = from; i < to; i++) {
            if (isByte(ids[i])) {
                bytes[pending++] = (byte) (ids[i] - config.byteOffset());
                continue;
            }
            text.append(config.encoding().decode(bytes, 0, pending));
            pending = 0;
            text.append(specialTexts.getOrDefault(ids[i], "\uFFFD"));
        }
        String rest = config.encoding().decode(bytes, 0, pending);
        return text.isEmpty() ? rest : text.append(rest).toString();
    }

    /** One id for people: a byte that is no text by itself as {@code 0xE3}. */
    public String describe(int id) {
        String text = decode(new int[] {id}, 0, 1);
        return text.equals("\uFFFD") && isByte(id)
                ? "0x" + HexFormat.of().withUpperCase().toHexDigits((byte) (id - config.byteOffset()))
                : text;
    }

    /** Special tokens may have the ids of byte values that the encoding never makes. */
    boolean isByte(int id) {
        int value = byteOf(id);
        return value >= 0 && value < 256 && !specialTexts.containsKey(id);
    }

    int byteOf(int id) {
        return id - config.byteOffset();
    }

    /** Id of a byte. */
    public int idOf(int value) {
        return config.byteOffset() + value;
    }

    /** Ids that byte 0 may have beside the special tokens of {@code settings}; one where there is no question. */
    public static List<Integer> byteOffsets(Settings settings, ByteEncoding encoding, int vocabSize) {
        Set<Integer> specials = new HashSet<>();
        settings.values().path(SpecialFiles.DECODER).fieldNames().forEachRemaining(id -> {
            if (id.matches("0|[1-9][0-9]{0,8}")) {
                specials.add(Integer.valueOf(id));
            }
        });
        return TokenizerConfig.offsets(specials, encoding, vocabSize);
    }
}
