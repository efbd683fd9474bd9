package org.bybert.encoder.detect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.detect.Detection.Verdict;
import org.bybert.encoder.detect.Inputs.Word;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.model.Transformer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectorTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Path SAMPLES = Path.of(System.getProperty("bybert.data-samples"));
    private static final Path MINI = SAMPLES.resolve("bybert-jp-mini");
    private static final Path TRAINED =
            SAMPLES.toAbsolutePath().normalize().resolveSibling("encoder/src/test/resources/trained");
    private static final Path NO_EOS = TRAINED.resolve("mixed-radix-no-eos");
    private static final Path WITH_EOS = TRAINED.resolve("bit-prefix-eos");
    private static final Set<String> TOKENIZER = Set.of(Detector.ENCODING, Detector.EOS, Detector.BOS);

    @TempDir
    Path folder;

    /** A copy of a model without the settings that are to be found out. */
    private ModelFolder stripped(Path model, Consumer<ObjectNode> tokenizer) throws IOException {
        Files.copy(model.resolve("config.json"), folder.resolve("config.json"));
        Files.copy(model.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        write(model, tokenizer);
        return ModelFolder.read(folder, Map.of(), Preset.NONE);
    }

    private void write(Path model, Consumer<ObjectNode> tokenizer) throws IOException {
        ObjectNode json = (ObjectNode)
                MAPPER.readTree(model.resolve("tokenizer_config.json").toFile());
        json.remove(TOKENIZER);
        tokenizer.accept(json);
        MAPPER.writeValue(folder.resolve("tokenizer_config.json").toFile(), json);
    }

    private static Verdict verdict(Detection detection, String setting) {
        return detection.verdicts().stream()
                .filter(v -> v.setting().equals(setting))
                .findFirst()
                .orElseThrow();
    }

    private static Detection detect(ModelFolder model, boolean both) {
        Transformer transformer =
                Transformer.load(model.config(), model.checkpoint(), KernelChoice.kernels(), model.weights());
        return new Detector(transformer, model.incompleteTokenizerSettings()).run(TOKENIZER, both);
    }

    private static void assertFound(Detection detection, String encoding, String eos) {
        for (Map.Entry<String, String> expected : Map.of(
                        Detector.ENCODING, encoding, Detector.EOS, eos, Detector.BOS, "false")
                .entrySet()) {
            Verdict verdict = verdict(detection, expected.getKey());
            assertEquals(expected.getValue(), verdict.value(), verdict::toString);
            assertTrue(verdict.decided(), verdict::toString);
            assertFalse(verdict.contradictsConfiguration(), verdict::toString);
        }
    }

    /** Small ones stand for large ones, which may read less. */
    @Test
    void theSentencesThatALargeModelReadsAreEnough() throws IOException {
        Map<Path, List<String>> known = Map.of(
                MINI,
                List.of("utf-8", "true"),
                SAMPLES.resolve("bybert-jp-small"),
                List.of("utf-8", "true"),
                WITH_EOS,
                List.of("bit-prefix", "true"),
                NO_EOS,
                List.of("mixed-radix", "false"));
        for (Map.Entry<Path, List<String>> each : known.entrySet()) {
            for (String file : List.of("config.json", "model.safetensors")) {
                Files.deleteIfExists(folder.resolve(file));
            }
            ModelFolder model = stripped(each.getKey(), json -> {});
            Transformer transformer =
                    Transformer.load(model.config(), model.checkpoint(), KernelChoice.kernels(), model.weights());
            Detector detector = new Detector(transformer, model.incompleteTokenizerSettings(), Detector.TOKENS);
            assertFound(
                    detector.run(TOKENIZER, false),
                    each.getValue().get(0),
                    each.getValue().get(1));
            assertTrue(detector.tokensLeft >= 0);
        }
    }

    @Test
    void modelsThatWereTrainedAreRecognised() throws IOException {
        assertFound(detect(stripped(WITH_EOS, json -> {}), false), "bit-prefix", "true");
    }

    @Test
    void theBundledModelIsRecognised() throws IOException {
        Detection detection = detect(stripped(MINI, json -> {}), false);
        assertFound(detection, "utf-8", "true");
        assertEquals(Word.READ, verdict(detection, Detector.EOS).inputs().word());
    }

    @Test
    void aTokenThatHelpsAModelWhichNeverReadItIsNotAppended() throws IOException {
        Detection detection = detect(stripped(NO_EOS, json -> {}), true);
        assertFound(detection, "mixed-radix", "false");
        Verdict eos = verdict(detection, Detector.EOS);
        assertEquals(Word.NEVER_READ, eos.inputs().word());
        assertTrue(eos.margin() < 0, "the loss alone recommends it: " + eos);
    }

    /** A training that replaces tokens by random ids of the whole vocabulary shows every row now and then. */
    @Test
    void howFarARowHasMovedCountsNotWhetherItHas() throws IOException {
        stripped(NO_EOS, json -> {});
        moveRows(
                folder.resolve("model.safetensors"),
                IntStream.concat(IntStream.range(0, 5), IntStream.range(262, 288)));
        ModelFolder model = ModelFolder.read(folder, Map.of(), Preset.NONE);
        assertFound(detect(model, false), "mixed-radix", "false");
    }

    /** Moves embeddings of rows together, five times as far as they are long. */
    private static void moveRows(Path file, IntStream rows) throws IOException {
        ByteBuffer weights = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] head = new byte[(int) weights.getLong()];
        weights.get(head);
        int start = weights.position()
                + MAPPER.readTree(head)
                        .at("/model.embed_tokens.weight/data_offsets/0")
                        .asInt();
        rows.forEach(row -> {
            for (int at = start + row * 256; at < start + row * 256 + 256; at += 2) {
                float moved = Float.intBitsToFloat(weights.getShort(at) << 16) + 0.1f;
                weights.putShort(at, (short) (Float.floatToIntBits(moved) >>> 16));
            }
        });
        Files.write(file, weights.array());
    }

    @Test
    void whatHelpsATokenThatMayNotHaveBeenReadIsNotDecided() throws IOException {
        // Without rows to compare with, the weights say nothing, and the loss alone recommends the token.
        Detection detection = detect(stripped(NO_EOS, json -> {}), true);
        Inputs.Evidence unclear = new Inputs.Evidence("</s>", 1, Word.UNCLEAR, 1, null, null);
        Verdict verdict = Detection.verdict(
                Detector.EOS,
                List.of("false", "true"),
                verdict(detection, Detector.EOS).candidates(),
                null,
                unclear,
                true);
        assertEquals("false", verdict.value());
        assertFalse(verdict.decided());
    }

    /** As many tokens as tell encodings apart, and none for what the ends of sentences would tell. */
    @Test
    void whatNoTokenIsLeftForIsUndecided() throws IOException {
        ModelFolder model = stripped(MINI, json -> {});
        Transformer transformer =
                Transformer.load(model.config(), model.checkpoint(), KernelChoice.kernels(), model.weights());
        Detector detector = new Detector(transformer, model.incompleteTokenizerSettings(), 600);
        Detection detection = detector.run(TOKENIZER, false);
        assertEquals("utf-8", verdict(detection, Detector.ENCODING).value());
        Verdict eos = verdict(detection, Detector.EOS);
        assertFalse(eos.decided(), eos::toString);
        assertEquals(Set.of("false", "true"), Set.copyOf(eos.possible()));
        assertTrue(detector.tokensLeft >= 0);
        assertTrue(eos.evidence().contains("was read in training"), eos::evidence);
    }

    @Test
    void clearDifferencesTakeFewSentences() throws IOException {
        Verdict encoding = verdict(detect(stripped(MINI, json -> {}), false), Detector.ENCODING);
        assertTrue(encoding.candidates().get(0).sentences() < Sample.COUNT, encoding::toString);
        assertTrue(encoding.margin() > 5, encoding::toString);
    }

    @Test
    void randomWeightsAreUndecided() throws IOException {
        ModelFolder model = stripped(TRAINED.resolveSibling("golden/utf8-bf16"), json -> {});
        Detection detection = detect(model, false);
        detection.verdicts().forEach(verdict -> assertFalse(verdict.decided(), verdict::toString));
        assertFalse(Measured.of(model, Measured.open(model)).isDecided());
    }

    @Test
    void nothingIsOpenWhereTheFilesSayAll() {
        assertEquals(List.of(), Measured.open(ModelFolder.read(MINI, Map.of(), Preset.NONE)));
    }

    @Test
    void whatAPresetInfersIsOpenAndWhatItConfirmsIsNot() throws IOException {
        stripped(MINI, json -> json.remove("added_tokens_decoder"));
        Preset v1 = Presets.packed().of("100m");
        assertEquals(
                List.of(Detector.EOS, Detector.BOS, Detector.SPECIALS),
                Measured.open(ModelFolder.read(folder, Map.of(), v1)));
        Preset v2 = Presets.packed().of("v2-100m");
        assertTrue(Measured.open(ModelFolder.read(folder, Map.of(), v2)).contains(Detector.ENCODING));
    }

    @Test
    void aDeclaredValueThatLosesIsContradicted() throws IOException {
        ModelFolder model =
                stripped(MINI, json -> json.put("byte_encoding", "mixed-radix").put("add_eos_token", false));
        Detection detection = detect(model, true);
        Verdict encoding = verdict(detection, Detector.ENCODING);
        assertEquals(List.of("utf-8", "mixed-radix"), List.of(encoding.value(), encoding.configured()));
        assertTrue(encoding.contradictsConfiguration());
        assertTrue(encoding.against("mixed-radix").mean() > 5);
        assertTrue(verdict(detection, Detector.EOS).contradictsConfiguration());
    }

    @Test
    void anOpenRopeThetaIsMeasured() throws IOException {
        stripped(MINI, json -> {});
        ObjectNode config =
                (ObjectNode) MAPPER.readTree(MINI.resolve("config.json").toFile());
        config.remove("rope_theta");
        MAPPER.writeValue(folder.resolve("config.json").toFile(), config);
        ModelFolder model = ModelFolder.read(folder, Map.of(), Preset.NONE);
        Settings tokenizer = ModelFolder.read(MINI, Map.of(), Preset.NONE).tokenizerSettings();
        Transformer transformer =
                Transformer.load(model.config(), model.checkpoint(), KernelChoice.kernels(), model.weights());
        Verdict theta = verdict(new Detector(transformer, tokenizer).run(Set.of("rope_theta"), false), "rope_theta");
        // Sentences are too short to tell 10,000 from its neighbours, but not from 1,000,000.
        assertFalse(theta.decided());
        assertEquals("10000", theta.value());
        assertTrue(theta.possible().contains("10000"), theta::toString);
        assertFalse(theta.possible().contains("1000000"), theta::toString);
    }

    private static final List<String> SPECIALS = List.of("<pad>", "</s>", "<s>", "<cls>", "<sep>", "<mask>");

    /** What the measured model makes of a text is what the model says of which it is a copy with other ids. */
    private void assertSameVectors(Path original) {
        ModelFolder model = ModelFolder.read(folder, Map.of(), Preset.NONE);
        Measured measured = Measured.of(model, Measured.open(model));
        assertTrue(measured.isDecided(), measured::toString);
        String text = "川の水は、とても冷たい。A1";
        float[][] vectors = new float[2][];
        ByBert[] models = {
            ByBert.open(original), ByBert.open(folder, measured.options(), Preset.NONE, KernelChoice.kernels())
        };
        for (int i = 0; i < 2; i++) {
            int[] ids = models[i].tokenizer().encodePlain(text);
            assertEquals(text, models[i].tokenizer().decode(ids));
            vectors[i] = models[i].newSession().embed(List.of(ids), Pooling.MEAN)[0];
        }
        assertArrayEquals(vectors[0], vectors[1]);
    }

    private void layout(Path original, int[] specials, int byteOffset, int vocab) throws IOException {
        int[] old = new int[vocab];
        boolean[] used = new boolean[288];
        Arrays.fill(old, -1);
        for (int value = 0; value < 256; value++) {
            old[byteOffset + value] = 6 + value;
        }
        for (int i = 0; i < specials.length; i++) {
            old[specials[i]] = i;
        }
        Arrays.stream(old).filter(id -> id >= 0).forEach(id -> used[id] = true);
        int[] spare = IntStream.range(262, 288).filter(id -> !used[id]).toArray();
        int next = 0;
        for (int id = 0; id < vocab; id++) {
            old[id] = old[id] < 0 ? spare[next++] : old[id];
        }
        permute(original.resolve("model.safetensors"), old);
        ObjectNode config =
                (ObjectNode) MAPPER.readTree(original.resolve("config.json").toFile());
        config.put("vocab_size", vocab).remove(List.of("pad_token_id", "eos_token_id", "bos_token_id"));
        MAPPER.writeValue(folder.resolve("config.json").toFile(), config);
    }

    /** Writes the weights with the rows of embedding and head in another order. */
    private void permute(Path file, int[] old) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] head = new byte[(int) in.getLong()];
        in.get(head);
        int data = in.position();
        ObjectNode header = (ObjectNode) MAPPER.readTree(head);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String name : (Iterable<String>) header::fieldNames) {
            if (!(header.get(name) instanceof ObjectNode tensor) || !tensor.has("shape")) {
                continue;
            }
            int from = tensor.at("/data_offsets/0").asInt();
            int to = tensor.at("/data_offsets/1").asInt();
            int start = out.size();
            if (tensor.at("/shape/0").asInt() == 288) {
                int row = (to - from) / 288;
                for (int id : old) {
                    out.write(in.array(), data + from + id * row, row);
                }
                tensor.putArray("shape").add(old.length).add(row / 2);
            } else {
                out.write(in.array(), data + from, to - from);
            }
            tensor.putArray("data_offsets").add(start).add(out.size());
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer result = ByteBuffer.allocate(8 + json.length + out.size()).order(ByteOrder.LITTLE_ENDIAN);
        result.putLong(json.length).put(json).put(out.toByteArray());
        Files.write(folder.resolve("model.safetensors"), result.array());
    }

    private static ObjectNode decoder(int... ids) {
        ObjectNode decoder = MAPPER.createObjectNode();
        for (int i = 0; i < ids.length; i++) {
            decoder.putObject(String.valueOf(ids[i])).put("content", SPECIALS.get(i));
        }
        return decoder;
    }

    @Test
    void specialTokensMayComeBehindTheBytes() throws IOException {
        int[] ids = {256, 257, 258, 259, 260, 261};
        layout(WITH_EOS, ids, 0, 288);
        write(WITH_EOS, json -> json.set("added_tokens_decoder", decoder(ids)));
        assertSameVectors(WITH_EOS);
    }

    @Test
    void specialTokensMayHaveTheIdsOfByteValuesThatAreNeverMade() throws IOException {
        int[] ids = {0, 128, 129, 130, 131, 132};
        layout(NO_EOS, ids, 0, 256);
        write(NO_EOS, json -> json.remove("added_tokens_decoder"));
        Map<String, Integer> added = new TreeMap<>();
        for (int i = 0; i < ids.length; i++) {
            added.put(SPECIALS.get(i), ids[i]);
        }
        MAPPER.writeValue(folder.resolve("added_tokens.json").toFile(), added);
        assertSameVectors(NO_EOS);
    }

    @Test
    void specialTokensMayHaveGapsAndTheBytesBeginAnywhere() throws IOException {
        int[] ids = {0, 2, 4, 6, 8, 10};
        layout(WITH_EOS, ids, 16, 288);
        write(WITH_EOS, json -> {
            json.remove(List.of("added_tokens_decoder", "mask_token", "eos_token", "bos_token"));
        });
        ObjectNode fast = MAPPER.createObjectNode();
        for (int i = 0; i < ids.length; i++) {
            fast.withArray("added_tokens").addObject().put("id", ids[i]).put("content", SPECIALS.get(i));
        }
        MAPPER.writeValue(folder.resolve("tokenizer.json").toFile(), fast);
        MAPPER.writeValue(
                folder.resolve("special_tokens_map.json").toFile(),
                Map.of("mask_token", "<mask>", "eos_token", Map.of("content", "</s>"), "bos_token", "<s>"));
        ModelFolder model = ModelFolder.read(folder, Map.of(), Preset.NONE);
        assertTrue(
                Measured.open(model).contains(Detector.OFFSET),
                () -> Measured.open(model).toString());
        assertSameVectors(WITH_EOS);
    }

    @Test
    void idsMayBeInConfigJsonAlone() throws IOException {
        layout(WITH_EOS, new int[] {256, 257, 258, 259, 260, 261}, 0, 288);
        ObjectNode config =
                (ObjectNode) MAPPER.readTree(folder.resolve("config.json").toFile());
        config.put("mask_token_id", 261).put("eos_token_id", 257).put("bos_token_id", 258);
        MAPPER.writeValue(folder.resolve("config.json").toFile(), config);
        assertSameVectors(WITH_EOS);
    }

    @Test
    void withoutAnyIdsThoseOfThePublishedModelsAreTriedBeforeAndBehindTheBytes() throws IOException {
        layout(WITH_EOS, new int[] {256, 257, 258, 259, 260, 261}, 0, 288);
        assertSameVectors(WITH_EOS);
        Files.delete(folder.resolve("model.safetensors"));
        Files.copy(NO_EOS.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        assertSameVectors(NO_EOS);
    }
}
