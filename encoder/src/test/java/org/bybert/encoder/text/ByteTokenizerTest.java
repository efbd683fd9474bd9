package org.bybert.encoder.text;

import static org.bybert.encoder.Refused.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.EditedJson;
import org.bybert.encoder.Golden;
import org.bybert.encoder.checkpoint.Preset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ByteTokenizerTest {

    private static final int EOS = 1;
    private static final int BOS = 2;
    private static final int MASK = 5;

    @TempDir
    Path folder;

    private static ByteTokenizer golden() {
        return golden(Map.of());
    }

    private static ByteTokenizer golden(Map<String, String> overrides) {
        return ByteTokenizer.read(ByteTokenizer.settings(Golden.folder("utf8-bf16"), overrides, Preset.NONE), 288);
    }

    private ByteTokenizer edited(Consumer<ObjectNode> edit) {
        EditedJson.write(folder, "tokenizer_config.json", edit);
        return ByteTokenizer.read(ByteTokenizer.settings(folder, Map.of(), Preset.NONE), 288);
    }

    private ByteTokenizer stripping(String side) {
        return edited(json -> ((ObjectNode) json.at("/added_tokens_decoder/5")).put(side, true));
    }

    /** Ids of strings by their UTF-8 bytes, and of integers as they are. */
    private static int[] ids(Object... parts) {
        return Arrays.stream(parts)
                .flatMapToInt(part -> part instanceof Integer id ? IntStream.of(id) : bytes((String) part))
                .toArray();
    }

    private static IntStream bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, bytes.length).map(i -> 6 + (bytes[i] & 0xff));
    }

    @Test
    void bytesFollowTheSpecialTokens() {
        assertArrayEquals(new int[] {6 + 0xe9, 6 + 0xaf, 6 + 0x96}, golden().encode("鯖"));
        assertArrayEquals(new int[] {6, 7, 6 + 0x7f}, golden().encode("\0\1\u007f"));
        assertEquals("\0", golden().decode(new int[] {6}));
        assertEquals("\uFFFD", golden().decode(new int[] {261}));
        assertNotEquals("\uFFFD", golden().decode(new int[] {262}));
        assertArrayEquals(new int[0], golden().encode(""));
        assertArrayEquals(new int[0], golden().encodePlain(""));
    }

    /** Text goes through here at hundreds of megabytes per second. */
    @Test
    void nothingButTheIdsIsAllocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteTokenizer tokenizer = golden();
        String text = "鯖の味噌煮は🍊と<あう。ok ".repeat(5_000);
        tokenizer.encode(text);
        long before = threads.getCurrentThreadAllocatedBytes();
        int[] ids = tokenizer.encode(text);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 4L * ids.length + 4096, allocated + " bytes for " + ids.length + " ids");
    }

    @Test
    void specialTokensInTextAreTokens() {
        assertArrayEquals(ids("雨", MASK, "の日"), golden().encode("雨<mask>の日"));
        assertArrayEquals(ids(MASK), golden().encode("<mask>"));
        assertArrayEquals(ids(3, "雨", 4, 0, EOS, BOS), golden().encode("<cls>雨<sep><pad></s><s>"));
    }

    @Test
    void adjacentSpecialTokensAreEachATokenOfTheirOwn() {
        assertArrayEquals(ids(MASK, MASK, MASK, "日", MASK, MASK), golden().encode("<mask><mask><mask>日<mask><mask>"));
    }

    @Test
    void theLongestSpecialTokenWins() {
        assertArrayEquals(ids(263), golden().encode("<extra_id_1>"));
        assertArrayEquals(ids(272), golden().encode("<extra_id_10>"));
        assertArrayEquals(ids(263, "0>", 272, 263), golden().encode("<extra_id_1>0><extra_id_10><extra_id_1>"));
        ByteTokenizer prefixes = edited(json -> {
            ((ObjectNode) json.at("/added_tokens_decoder/262")).put("content", "鯖");
            ((ObjectNode) json.at("/added_tokens_decoder/263")).put("content", "鯖味噌");
        });
        assertArrayEquals(ids(263, 262, "味", 262), prefixes.encode("鯖味噌鯖味鯖"));
    }

    @Test
    void whatIsAlmostASpecialTokenIsText() {
        for (String text : new String[] {
            "<mas",
            "<mask",
            "mask>",
            "< mask>",
            "<MASK>",
            "＜mask＞",
            "<extra_id_>",
            "<extra_id_26>",
            "<",
            "<<",
            "<mas<mas"
        }) {
            assertArrayEquals(ids(text), golden().encode(text), text);
        }
        assertArrayEquals(ids("<", MASK, ">"), golden().encode("<<mask>>"));
        assertArrayEquals(ids("<mas", MASK, "k>"), golden().encode("<mas<mask>k>"));
    }

    @Test
    void plainTextHasNoSpecialTokens() {
        assertArrayEquals(ids("雨<mask>の日</s>"), golden().encodePlain("雨<mask>の日</s>"));
    }

    @Test
    void whiteSpaceStaysWhereNothingIsSaid() {
        assertArrayEquals(ids("雨 \t", MASK, "\n 日"), golden().encode("雨 \t<mask>\n 日"));
    }

    @Test
    void aTokenThatStripsLeftTakesTheWhiteSpaceBeforeIt() {
        ByteTokenizer tokenizer = stripping("lstrip");
        assertArrayEquals(ids("雨", MASK, " 日"), tokenizer.encode("雨 \t\u3000<mask> 日"));
        assertArrayEquals(ids(MASK), tokenizer.encode("  <mask>"));
        assertArrayEquals(ids(MASK, MASK, " "), tokenizer.encode(" <mask> <mask> "));
        assertArrayEquals(ids(4, MASK), tokenizer.encode("<sep> <mask>"));
        assertArrayEquals(ids(MASK, " ", 4), tokenizer.encode("<mask> <sep>"));
        assertArrayEquals(ids(" <mask>"), tokenizer.encodePlain(" <mask>"));
    }

    @Test
    void aTokenThatStripsRightTakesTheWhiteSpaceAfterIt() {
        ByteTokenizer tokenizer = stripping("rstrip");
        assertArrayEquals(ids("雨 ", MASK, "日"), tokenizer.encode("雨 <mask> \n\u3000日"));
        assertArrayEquals(ids(MASK), tokenizer.encode("<mask>  "));
        assertArrayEquals(ids(" ", MASK, MASK), tokenizer.encode(" <mask> <mask> "));
        assertArrayEquals(ids(MASK, 4, " "), tokenizer.encode("<mask> <sep> "));
    }

    @Test
    void whiteSpaceBetweenTokensThatStripIsTakenOnce() {
        ByteTokenizer tokenizer = edited(json -> ((ObjectNode) json.at("/added_tokens_decoder/5"))
                .put("lstrip", true)
                .put("rstrip", true));
        assertArrayEquals(ids("雨", MASK, MASK, MASK, "日"), tokenizer.encode("雨 <mask> <mask>\t\n<mask> 日"));
    }

    @Test
    void addedTokensAreAddedAndTakenOffAgain() {
        for (boolean bos : new boolean[] {false, true}) {
            for (boolean eos : new boolean[] {false, true}) {
                ByteTokenizer tokenizer = golden(Map.of("add_bos_token", "" + bos, "add_eos_token", "" + eos));
                assertEquals(bos ? 1 : 0, tokenizer.prefixLength());
                assertEquals((bos ? 1 : 0) + (eos ? 1 : 0), tokenizer.addedTokens());
                for (String text : new String[] {"", "雨", "<mask>", "</s>", "<s>", "<s></s>", "</s>雨<s>", "</s></s>"}) {
                    int[] inner = golden().encode(text);
                    int[] expected = IntStream.concat(
                                    IntStream.concat(bos ? IntStream.of(BOS) : IntStream.empty(), Arrays.stream(inner)),
                                    eos ? IntStream.of(EOS) : IntStream.empty())
                            .toArray();
                    assertArrayEquals(expected, tokenizer.encode(text), text);
                    assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
                    assertEquals(text, tokenizer.decode(tokenizer.encodePlain(text)));
                    assertEquals(inner.length + tokenizer.addedTokens(), tokenizer.encode(text).length);
                }
            }
        }
    }

    @Test
    void decodingTakesOffNoMoreThanWasAdded() {
        ByteTokenizer tokenizer = golden(Map.of("add_bos_token", "true", "add_eos_token", "true"));
        assertEquals("", tokenizer.decode(ids()));
        assertEquals("", tokenizer.decode(ids(BOS)));
        assertEquals("", tokenizer.decode(ids(EOS)));
        assertEquals("雨", tokenizer.decode(ids("雨")));
        assertEquals("</s>雨<s>", tokenizer.decode(ids(EOS, "雨", BOS)));
        assertEquals("<s>雨</s>", tokenizer.decode(ids(BOS, "雨", EOS), 0, 5));
    }

    @Test
    void oneTokenMayStandAtBothEnds() {
        ByteTokenizer tokenizer = edited(json ->
                json.put("add_bos_token", true).put("add_eos_token", true).put("eos_token", "<s>"));
        assertArrayEquals(ids(BOS, "雨", BOS), tokenizer.encode("雨"));
        assertEquals("雨", tokenizer.decode(ids(BOS, "雨", BOS)));
        assertEquals("", tokenizer.decode(ids(BOS)));
        assertEquals("", tokenizer.decode(ids(BOS, BOS)));
    }

    @Test
    void textsComeBackWithTheirSpecialTokens() {
        for (String text : new String[] {
            "",
            "梅雨<mask><mask>の晴れ間</s>",
            "\0<pad>\0",
            "e\u0301<cls>か\u3099",
            "👩\u200D🚒<mask>🇯🇵",
            "<extra_id_10><extra_id_1>0",
            "\uFFFD"
        }) {
            assertEquals(text, golden().decode(golden().encode(text)));
            assertEquals(text, golden().decode(golden().encodePlain(text)));
        }
    }

    @Test
    void unpairedSurrogatesBecomeReplacementCharacters() {
        assertArrayEquals(ids("雨\uFFFD", MASK, "\uFFFDの日"), golden().encode("雨\uD83D<mask>\uDE00の日"));
        assertArrayEquals(ids("\uFFFD\uFFFD"), golden().encodePlain("\uDE00\uD83D"));
    }

    @Test
    void aSpecialTokenCutsARunOfBytes() {
        int[] rain = golden().encode("雨");
        assertEquals("\uFFFD<mask>\uFFFD\uFFFD", golden().decode(ids(rain[0], MASK, rain[1], rain[2])));
        assertEquals("\uFFFD<pad>", golden().decode(ids(rain[0], rain[1], 0)));
    }

    @Test
    void idsThatStandForNothingBecomeReplacementCharacters() {
        ByteTokenizer padded =
                ByteTokenizer.read(ByteTokenizer.settings(Golden.folder("utf8-bf16"), Map.of(), Preset.NONE), 384);
        for (int id : new int[] {288, 300, 383, 384, 100_000, Integer.MAX_VALUE, -1, -256, Integer.MIN_VALUE}) {
            assertEquals("雨\uFFFD日", padded.decode(ids("雨", id, "日")), "id " + id);
        }
    }

    @Test
    void partOfTheIdsCanBeDecoded() {
        int[] ids = golden().encode("雨の<mask>日");
        assertEquals("の<mask>", golden().decode(ids, 3, 7));
        assertEquals("", golden().decode(ids, 4, 4));
        assertEquals("\uFFFDの", golden().decode(ids, 2, 6));
    }

    @Test
    void anyIdsDecodeToSomeText() {
        Random random = new Random(23);
        Stream.of(golden(), golden(Map.of("add_bos_token", "true", "add_eos_token", "true")))
                .forEach(tokenizer -> {
                    for (int i = 0; i < 20_000; i++) {
                        int[] ids = random.ints(random.nextInt(30), -3, 292).toArray();
                        if (ids.length > 0 && random.nextInt(4) == 0) {
                            ids[random.nextInt(ids.length)] = random.nextInt();
                        }
                        String text = tokenizer.decode(ids);
                        assertEquals(-1, ByteEncoding.firstUnpaired(text));
                        assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
                    }
                });
    }

    @Test
    void truncationKeepsTheLongestPrefixThatFits() {
        for (ByteTokenizer tokenizer :
                List.of(golden(), golden(Map.of("add_bos_token", "true", "add_eos_token", "true")))) {
            for (String text : new String[] {
                "",
                "柿",
                "柿a<mask>🍊<mask><mask>e\u0301",
                "<extra_id_10><mas",
                "柿\uD83D柿\uDE00",
                "<mask>",
                "\uDE00\uD83D\uDE00"
            }) {
                for (int most = tokenizer.addedTokens(); most < 30; most++) {
                    assertEquals(longestThatFits(tokenizer, text, most), tokenizer.truncate(text, most), text + most);
                    assertEquals(tokenizer.encode(text).length, tokenizer.tokens(text), text);
                }
            }
        }
    }

    /** Tries every cut between characters that leaves special tokens whole. */
    private static String longestThatFits(ByteTokenizer tokenizer, String text, int most) {
        int[] all = tokenizer.encode(text);
        for (int end = text.length(); end > 0; end--) {
            String prefix = text.substring(0, end);
            boolean betweenCharacters =
                    end == text.length() || !Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end));
            int[] ids = tokenizer.encode(prefix);
            int kept = ids.length - tokenizer.addedTokens() + tokenizer.prefixLength();
            boolean tokensWhole = Arrays.equals(ids, 0, kept, all, 0, Math.min(kept, all.length));
            if (betweenCharacters && tokensWhole && ids.length <= most) {
                return prefix;
            }
        }
        return "";
    }

    @Test
    void truncationBelowTheAddedTokensLeavesNoText() {
        ByteTokenizer tokenizer = golden(Map.of("add_bos_token", "true", "add_eos_token", "true"));
        for (int most : new int[] {2, 1, 0, -1, -100}) {
            assertEquals("", tokenizer.truncate("柿", most));
        }
    }

    @Test
    void truncatedTextFitsWhateverIsStripped() {
        for (String side : new String[] {"lstrip", "rstrip"}) {
            ByteTokenizer tokenizer = stripping(side);
            String text = " <mask>  柿 \t<mask> <mask>\u3000 🍊 <mask>";
            for (int most = 0; most < 40; most++) {
                String truncated = tokenizer.truncate(text, most);
                assertTrue(text.startsWith(truncated), truncated);
                assertTrue(tokenizer.encode(truncated).length <= most, side + " " + most + " " + truncated);
                assertTrue(tokenizer.encode(text).length <= tokenizer.tokens(text), side);
            }
        }
    }

    @Test
    void theMaskIsNamed() {
        assertTrue(golden().hasMask());
        assertEquals(MASK, golden().maskId());
        assertEquals("<mask>", golden().maskText());
    }

    @Test
    void aTokenizerWithoutMaskEncodesButHasNoMaskId() {
        ByteTokenizer tokenizer = edited(json -> json.remove("mask_token"));
        assertFalse(tokenizer.hasMask());
        refused(tokenizer::maskId, folder.resolve("tokenizer_config.json"), "mask_token");
        refused(tokenizer::maskText, folder.resolve("tokenizer_config.json"), "mask_token");
        assertArrayEquals(ids("雨の日"), tokenizer.encode("雨の日"));
        assertEquals("雨の日", tokenizer.decode(tokenizer.encode("雨の日")));
    }
}
