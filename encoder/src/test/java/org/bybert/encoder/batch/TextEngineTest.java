package org.bybert.encoder.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.Golden;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.Session;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextTask.Piece;
import org.bybert.encoder.batch.TextTask.ReadText;
import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.Test;

class TextEngineTest {

    private static final ByBert MODEL = ByBert.open(Golden.folder("utf8-bf16"));

    /** Counts by name. */
    private static final class Counts extends TreeMap<String, Long> implements TextEngine.Counters {

        @Override
        public void addBatch(long tokens, long padding) {
            merge("batches", 1L, Long::sum);
            merge("tokens", tokens, Long::sum);
            merge("padding", padding, Long::sum);
        }

        @Override
        public void addRepaired() {
            merge("repaired", 1L, Long::sum);
        }

        @Override
        public void addDuplicate() {
            merge("duplicates", 1L, Long::sum);
        }

        @Override
        public void addAnswer(Answer<?> answer) {
            merge(answer.error() == null ? "answered" : TextProblem.kind(answer.error()), 1L, Long::sum);
        }
    }

    /** A text is cut at its bars, each part is a piece, and the answer says what was read; knows no model. */
    private static final class Spelling implements TextTask<String, String, String> {

        private final List<List<String>> batches = new ArrayList<>();
        private int begun;

        @Override
        public ReadText read(String text) {
            ReadText read = new TextReader(MODEL, BatchOptions.DEFAULTS).read(text);
            return "x".equals(text) ? read.refuse("refused", "at once") : read;
        }

        @Override
        public Pieces<String, String> pieces(String text, ReadText read) {
            begun++;
            if (text.isBlank()) {
                throw new TextProblem("blank", "late");
            }
            if (text.equals("-")) {
                return Pieces.one(null, nothing -> "no pieces");
            }
            List<String> heard = new ArrayList<>();
            return new Pieces<>(
                    Stream.of(text.split("\\|"))
                            .map(part -> new Piece(MODEL.tokenizer().encode(part)))
                            .iterator(),
                    (piece, answer) -> {
                        assertEquals(MODEL.tokenizer().decode(piece.ids()), answer);
                        heard.add(answer);
                    },
                    () -> {
                        if (text.startsWith("!")) {
                            throw new TextProblem("not finite", "at the end");
                        }
                        return String.join("|", heard);
                    });
        }

        @Override
        public List<String> run(Session session, List<Piece> pieces) {
            batches.add(pieces.stream()
                    .map(piece -> MODEL.tokenizer().decode(piece.ids()))
                    .toList());
            return batches.get(batches.size() - 1);
        }
    }

    private static <A> List<Answer<A>> answers(TextEngine<String, A> engine, List<String> texts) {
        List<Answer<A>> answers = new ArrayList<>();
        engine.stream(
                        texts.iterator(),
                        text -> text,
                        text -> text == null ? 0 : text.length(),
                        (text, answer) -> answer)
                .forEachRemaining(answers::add);
        return answers;
    }

    private static List<String> spell(
            Spelling task, BatchOptions options, TextEngine.Counters counters, String... texts) {
        List<String> list = new ArrayList<>();
        Collections.addAll(list, texts);
        return answers(new TextEngine<>(MODEL, task, options, () -> {}, counters), list).stream()
                .map(answer -> answer.error() == null ? answer.value() : answer.error())
                .toList();
    }

    private static List<String> corpus(int n) {
        SplittableRandom random = new SplittableRandom(11);
        String[] parts = {"柿", "の", "a", "é", "𠮷", "<mask>", "🍊", "。"};
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(30); k > 0; k--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            texts.add(i % 13 == 2 ? null : i % 5 == 4 ? texts.get(random.nextInt(i)) : text.toString());
        }
        return texts;
    }

    @Test
    void answersComeInTheOrderOfTheTextsWhateverHappensToThem() {
        String[] texts = {"a|bc|d", "x", " ", "e", "-", "!f|g", "a|bc|d", null, "h|i"};
        for (int budget : new int[] {1, 2, 3, 100}) {
            Counts counts = new Counts();
            assertEquals(
                    List.of(
                            "a|bc|d",
                            "refused: at once",
                            "blank: late",
                            "e",
                            "no pieces",
                            "not finite: at the end",
                            "a|bc|d",
                            "null text",
                            "h|i"),
                    spell(new Spelling(), BatchOptions.DEFAULTS.withBatchBytes(budget), counts, texts));
            assertEquals(
                    Map.of(
                            "answered",
                            5L,
                            "refused",
                            1L,
                            "blank",
                            1L,
                            "not finite",
                            1L,
                            "null text",
                            1L,
                            "duplicates",
                            1L,
                            "tokens",
                            10L),
                    withoutBatches(counts));
        }
    }

    private static Map<String, Long> withoutBatches(Counts counts) {
        Map<String, Long> rest = new TreeMap<>(counts);
        rest.keySet().removeAll(List.of("batches", "padding"));
        return rest;
    }

    @Test
    void aBatchKeepsItsBudgetAndALongerPieceIsABatchOfItsOwn() {
        Spelling task = new Spelling();
        Counts counts = new Counts();
        spell(task, BatchOptions.DEFAULTS.withBatchBytes(4), counts, "ab", "cd|efghij|k", "l|m", "n");
        assertEquals(List.of(List.of("ab", "cd"), List.of("efghij"), List.of("k", "l", "m", "n")), task.batches);
        assertEquals(Map.of("batches", 3L, "tokens", 14L, "padding", 0L, "answered", 4L), counts);
        spell(task, BatchOptions.DEFAULTS, counts, "abc", "d");
        assertEquals(2L, counts.get("padding"));
    }

    @Test
    void aTextIsBegunWhenItsTurnHasComeAndNoSooner() {
        Spelling task = new Spelling();
        TextEngine<String, String> engine = new TextEngine<>(MODEL, task, BatchOptions.DEFAULTS.withBatchBytes(2));
        for (String text : List.of("a", "b", "c", "d", "e")) {
            engine.add(text);
        }
        assertEquals(0, task.begun);
        assertFalse(engine.isReady());
        assertEquals("a", engine.remove().value());
        assertEquals(3, task.begun, "those of the first batch, and the one that found no room");
        assertTrue(engine.isReady());
    }

    @Test
    void equalTextsOfAWindowAreComputedOnce() {
        Spelling task = new Spelling();
        Counts counts = new Counts();
        spell(task, BatchOptions.DEFAULTS, counts, "a", "b", "a", "x", "x", "a");
        assertEquals(List.of(List.of("a", "b")), task.batches);
        assertEquals(2L, counts.get("duplicates"), "a refused text costs nothing twice");
        Counts apart = new Counts();
        spell(task, BatchOptions.DEFAULTS.withWindow(1, 100), apart, "a", "b", "a");
        assertNull(apart.get("duplicates"));
    }

    @Test
    void aRowWithoutATextHasItsErrorInItsPlace() {
        Counts counts = new Counts();
        List<String> found = new ArrayList<>();
        new TextEngine<>(MODEL, new Spelling(), BatchOptions.DEFAULTS, () -> {}, counts)
                .stream(
                                Stream.of("a", "1", null, "2", "b").iterator(),
                                row -> {
                                    if (row != null && row.compareTo("a") < 0) {
                                        throw new TextProblem("unreadable", row);
                                    }
                                    return row;
                                },
                                row -> 1,
                                (row, answer) -> answer.error() == null ? answer.value() : answer.error())
                        .forEachRemaining(found::add);
        assertEquals(List.of("a", "unreadable: 1", "null text", "unreadable: 2", "b"), found);
        assertEquals(2L, counts.get("unreadable"));
        assertNull(counts.get("duplicates"));
    }

    @Test
    void noMoreIsReadAheadThanAWindow() {
        int[] read = {0};
        Iterator<String> endless = Stream.generate(() -> "第" + read[0]++ + "番").iterator();
        Iterator<String> rows = new TextEngine<>(MODEL, new Spelling(), BatchOptions.DEFAULTS.withWindow(20, 1 << 20))
                .stream(endless, text -> text, String::length, (text, answer) -> answer.value());
        for (int i = 0; i < 100; i++) {
            assertEquals("第" + i + "番", rows.next());
            assertTrue(read[0] <= i + 21, read[0] + " rows read for " + (i + 1));
        }
        int before = read[0];
        new TextEngine<>(MODEL, new Spelling(), BatchOptions.DEFAULTS.withWindow(1000, 50))
                .stream(endless, text -> text, text -> 10, (text, answer) -> text)
                        .next();
        assertEquals(5, read[0] - before, "the window counts bytes too");
        assertThrows(
                NoSuchElementException.class,
                () -> new TextEngine<>(MODEL, new Spelling(), BatchOptions.DEFAULTS)
                        .stream(List.<String>of().iterator(), text -> text, text -> 1, (text, answer) -> text)
                                .next());
    }

    @Test
    void oneTextHasTheBitsItHasAmongMany() {
        List<String> texts = corpus(90);
        BatchOptions options =
                BatchOptions.DEFAULTS.withPooling(Pooling.MEAN, true).withLimit(24, LongText.SPLIT);
        List<Answer<float[]>> many = answers(new TextEngine<>(MODEL, new EmbedTask(MODEL, options), options), texts);
        BatchOptions cut = options.withLimit(40, LongText.TRUNCATE);
        List<Answer<FilledText>> filled = answers(new TextEngine<>(MODEL, new FillMaskTask(MODEL, cut), cut), texts);
        TextEngine<String, float[]> embed = new TextEngine<>(MODEL, new EmbedTask(MODEL, options), options);
        TextEngine<String, FilledText> fill = new TextEngine<>(MODEL, new FillMaskTask(MODEL, cut), cut);
        for (int i = 0; i < texts.size(); i++) {
            Answer<float[]> one = embed.answer(texts.get(i));
            assertArrayEquals(many.get(i).value(), one.value());
            assertEquals(many.get(i).tokens(), one.tokens());
            assertEquals(many.get(i).error(), one.error());
            assertEquals(filled.get(i), fill.answer(texts.get(i)));
        }
        embed.add("柿");
        assertThrows(IllegalStateException.class, () -> embed.answer("梨"));
    }

    @Test
    void brokenTextsAreReadInOneWay() {
        Counts counts = new Counts();
        TextEngine<String, float[]> engine = new TextEngine<>(
                MODEL, new EmbedTask(MODEL, BatchOptions.DEFAULTS), BatchOptions.DEFAULTS, () -> {}, counts);
        assertArrayEquals(
                engine.answer("柿\uFFFD").value(), engine.answer("柿\uD83D").value());
        assertEquals(new Answer<float[]>(null, null, null, false, "null text"), engine.answer(null));
        assertEquals(0, engine.answer("").tokens());
        assertEquals(1L, counts.get("repaired"));

        TextReader strict = TextReader.strict(MODEL.tokenizer());
        assertEquals(
                "null text: the text column is null", strict.readPlain(null).error());
        assertEquals(
                "empty text: the text has no characters", strict.readPlain("").error());
        assertEquals(
                "invalid Unicode: unpaired surrogate U+D83D at index 1",
                strict.readPlain("柿\uD83D").error());
        assertNull(strict.readPlain("柿".repeat(100_000)).error());
    }

    @Test
    void dataHasNoSpecialTokensAndIsNotSplit() {
        BatchOptions options = BatchOptions.DEFAULTS.withLimit(6, LongText.TRUNCATE);
        assertEquals(
                "<mask>柿",
                new TextReader(MODEL, options.withSpecials(SpecialTokens.PARSE))
                        .read("<mask>柿")
                        .text());
        assertEquals("<mask>", new TextReader(MODEL, options).read("<mask>柿").text());
        assertEquals(
                "<mask>", new TextReader(MODEL, options).readPlain("<mask>柿").text());
        assertEquals(
                "too long: 9 tokens, the limit is 6",
                new TextReader(MODEL, options.withLimit(6, LongText.SPLIT))
                        .readPlain("<mask>柿")
                        .error());
        assertThrows(
                IllegalArgumentException.class, () -> new FillMaskTask(MODEL, options.withLimit(6, LongText.SPLIT)));
    }

    /** An embedding that took special tokens in data for tokens would be that of another text. */
    @Test
    void corpusTextsAreEmbeddedAsTheyAreSpelled() {
        String text = "<s>1980円</s><pad>";
        int[] spelled = MODEL.tokenizer().encodePlain(text);
        int[] parsed = MODEL.tokenizer().encode(text);
        for (SpecialTokens specials : SpecialTokens.values()) {
            BatchOptions options = BatchOptions.DEFAULTS.withSpecials(specials);
            Answer<float[]> answer = new TextEngine<>(MODEL, new EmbedTask(MODEL, options), options).answer(text);
            int[] ids = specials == SpecialTokens.TEXT ? spelled : parsed;
            assertEquals(ids.length, answer.tokens());
            assertArrayEquals(MODEL.newSession().embed(List.of(ids), Pooling.MEAN)[0], answer.value());
        }
        assertTrue(parsed.length < spelled.length);
    }

    @Test
    void aPromptCanBeRefusedForWantOfMasks() {
        TextReader reader = new TextReader(MODEL.tokenizer(), LongText.TRUNCATE, 8, SpecialTokens.PARSE, false);
        FillMaskTask task = new FillMaskTask(MODEL.tokenizer(), reader, true, FillOptions.DEFAULTS);
        assertEquals("empty text: it has no characters", task.read("").error());
        assertEquals(
                "no mask: expected <mask>, once per byte, or its shorthand for 1 to 9999",
                task.read("柿".repeat(100)).error());
        assertEquals(
                "no mask left: the text was cut at 8 tokens",
                task.read("柿柿柿<mask>").error());
        assertEquals("<mask><mask>柿柿", task.read("<mask:2>柿柿").text());
        assertEquals("null text", task.read(null).error());
    }

    @Test
    void masksOfALineThatStandsForGigabytesAreCountedAndNotWritten() {
        String line = "<mask:9999>".repeat((1 << 20) / 11) + "柿";
        long tokens = (1 << 20) / 11 * 9999L + 3;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (boolean needsMask : new boolean[] {false, true}) {
            TextReader error = new TextReader(MODEL.tokenizer(), LongText.ERROR, 8, SpecialTokens.PARSE, false);
            ReadText refused = new FillMaskTask(MODEL.tokenizer(), error, needsMask, FillOptions.DEFAULTS).read(line);
            assertEquals("too long: " + tokens + " tokens, the limit is 8", refused.error());
            TextReader truncate = new TextReader(MODEL.tokenizer(), LongText.TRUNCATE, 8, SpecialTokens.PARSE, false);
            ReadText cut = new FillMaskTask(MODEL.tokenizer(), truncate, needsMask, FillOptions.DEFAULTS)
                    .read("柿<mask:2>" + line);
            assertEquals("柿" + "<mask>".repeat(5), cut.text());
            assertEquals(Integer.MAX_VALUE, cut.bytes());
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 256 << 20, allocated + " bytes");

        TextEngine<String, FilledText> engine =
                new TextEngine<>(MODEL, new FillMaskTask(MODEL, BatchOptions.DEFAULTS), BatchOptions.DEFAULTS);
        engine.add(line);
        engine.add("柿<mask>");
        String refused = engine.remove().error();
        assertTrue(refused.startsWith("too long: " + tokens + " tokens, the limit is "), refused);
        assertEquals(1, engine.remove().value().masks());
    }

    @Test
    void masksAreCountedAsTheyAreWritten() {
        FillMaskTask task = new FillMaskTask(
                MODEL.tokenizer(),
                new TextReader(MODEL.tokenizer(), LongText.ERROR, 8, SpecialTokens.PARSE, false),
                true,
                FillOptions.DEFAULTS);
        for (String prompt : List.of("<mask:2>柿<mask:4>", "<mask:9>", "柿<mask:9999><mask:3><mask>", "柿柿<mask:2>a")) {
            String written = prompt.replace("<mask:2>", "<mask>".repeat(2))
                    .replace("<mask:3>", "<mask>".repeat(3))
                    .replace("<mask:4>", "<mask>".repeat(4))
                    .replace("<mask:9>", "<mask>".repeat(9))
                    .replace("<mask:9999>", "<mask>".repeat(9999));
            assertEquals(task.read(written), task.read(prompt), prompt);
        }
    }

    @Test
    void whoeverEndsTheWorkDoesSoBetweenBatches() {
        boolean[] cancelled = {true};
        Spelling task = new Spelling();
        TextEngine<String, String> engine = new TextEngine<>(
                MODEL,
                task,
                BatchOptions.DEFAULTS,
                () -> {
                    if (cancelled[0]) {
                        throw new CancellationException();
                    }
                },
                new TextEngine.Counters() {});
        engine.add("a");
        assertThrows(CancellationException.class, engine::remove);
        assertEquals(List.of(), task.batches);
        cancelled[0] = false;
        assertEquals("a", engine.remove().value(), "nothing was lost");
        assertThrows(NoSuchElementException.class, engine::remove);
    }

    @Test
    void anErrorOfTheModelComesThroughAndItsSessionGoesBack() {
        TextEngine<String, String> engine = new TextEngine<>(
                MODEL,
                new TextTask<String, String, String>() {
                    @Override
                    public ReadText read(String text) {
                        return new TextReader(MODEL, BatchOptions.DEFAULTS).read(text);
                    }

                    @Override
                    public Pieces<String, String> pieces(String text, ReadText read) {
                        return Pieces.one(new Piece(new int[] {1}), answer -> answer);
                    }

                    @Override
                    public List<String> run(Session session, List<Piece> pieces) {
                        throw new ModelException("broken");
                    }
                },
                BatchOptions.DEFAULTS);
        engine.add("a");
        Session borrowed = MODEL.withSession(session -> session);
        assertThrows(ModelException.class, engine::remove);
        assertEquals(borrowed, MODEL.withSession(session -> session));
    }

    /** Pieces that answers bring: each part of a text is asked for when the one before is answered. */
    private record OneAfterAnother(List<List<String>> batches) implements TextTask<String, String, String> {

        @Override
        public ReadText read(String text) {
            return new TextReader(MODEL, BatchOptions.DEFAULTS).read(text);
        }

        @Override
        public Pieces<String, String> pieces(String text, ReadText read) {
            List<String> left = new ArrayList<>(List.of(text.split("\\|")));
            List<String> open = new ArrayList<>(List.of(left.remove(0)));
            List<String> heard = new ArrayList<>();
            Iterator<Piece> rest = new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return !open.isEmpty();
                }

                @Override
                public Piece next() {
                    return new Piece(MODEL.tokenizer().encode(open.remove(0)));
                }
            };
            return new Pieces<>(
                    rest,
                    (piece, answer) -> {
                        heard.add(answer);
                        if (answer.equals("!")) {
                            throw new TextProblem("not finite", "in the middle");
                        }
                        if (!left.isEmpty()) {
                            open.add(left.remove(0));
                        }
                    },
                    () -> String.join("|", heard));
        }

        @Override
        public List<String> run(Session session, List<Piece> pieces) {
            batches.add(pieces.stream()
                    .map(piece -> MODEL.tokenizer().decode(piece.ids()))
                    .toList());
            return batches.get(batches.size() - 1);
        }
    }

    @Test
    void piecesThatAnswersBringShareBatchesWithThoseOfOthers() {
        List<String> texts = List.of("aa|bb|cc", "dd", "ee|!|ff", "gg|hh", "ii", "jj|kk");
        int piece = 2 + MODEL.tokenizer().addedTokens();
        for (int batch : new int[] {1, 3, 1000}) {
            OneAfterAnother task = new OneAfterAnother(new ArrayList<>());
            TextEngine<String, String> engine =
                    new TextEngine<>(MODEL, task, BatchOptions.DEFAULTS.withBatchBytes(batch * piece));
            List<Answer<String>> answers = answers(engine, texts);
            for (int i = 0; i < texts.size(); i++) {
                assertEquals(i == 2 ? null : texts.get(i), answers.get(i).value());
            }
            assertEquals("not finite: in the middle", answers.get(2).error());
            assertEquals(3 * piece, answers.get(0).tokens());
            assertTrue(task.batches.stream().allMatch(b -> b.size() <= batch), task.batches.toString());
            if (batch == 3) {
                assertEquals(List.of("aa", "dd", "ee"), task.batches.get(0));
                assertEquals(List.of("gg", "bb", "!"), task.batches.get(1));
                assertEquals(List.of("ii", "hh", "cc"), task.batches.get(2));
            }
        }
    }

    @Test
    void severalPassesAnswerAlikeWhateverTheBatch() {
        List<String> texts = new ArrayList<>();
        for (int i = 1; i < 30; i++) {
            texts.add("柿が<mask:" + i + ">なると<mask:" + (1 + i % 5) + ">。");
        }
        texts.addAll(List.of("柿", "<mask:9-3>", "柿が<mask:?>なる。", "<mask:2-5>と<mask:1-3>と<mask>", texts.get(7)));
        texts.add(3, null);
        for (int passes : new int[] {1, 3, 100}) {
            FillOptions fill = FillOptions.DEFAULTS.withPasses(passes).withTopK(1);
            List<Answer<FilledText>> expected = null;
            for (int batch : new int[] {2048, 1, 100, 300}) {
                BatchOptions options =
                        BatchOptions.DEFAULTS.withBatchBytes(batch).withWindow(batch, 1 << 20);
                TextEngine<String, FilledText> engine =
                        new TextEngine<>(MODEL, new FillMaskTask(MODEL, options, fill), options);
                List<Answer<FilledText>> answers = answers(engine, texts);
                expected = expected == null ? answers : expected;
                assertEquals(expected, answers);
            }
            for (int i = 4; i < 30; i++) {
                int[] ids = MODEL.tokenizer()
                        .encode(MODEL.tokenizer()
                                .expandMasks(texts.get(i), 1000)
                                .text());
                assertEquals(
                        MODEL.newSession().fillMask(List.of(ids), fill).get(0),
                        expected.get(i).value());
            }
            // Each length in passes of its own, compared by what it has in the end.
            FilledText open = expected.get(32).value();
            double best = Double.NEGATIVE_INFINITY;
            FilledText chosen = null;
            for (int length = 1; length <= 24; length++) {
                int[] ids = MODEL.tokenizer().encode("柿が" + "<mask>".repeat(length) + "なる。");
                FilledText one = MODEL.newSession().fillMask(List.of(ids), fill).get(0);
                var found = one.gaps().get(0).candidates().get(0);
                double score = found.logProbability()
                        / found.text().codePointCount(0, found.text().length());
                if (score > best) {
                    best = score;
                    chosen = one;
                }
            }
            assertEquals(chosen.text(), open.text());
            assertEquals(chosen.score(), open.score());
            assertEquals(chosen.gaps().get(0).candidates(), open.gaps().get(0).candidates());
        }
    }
}
