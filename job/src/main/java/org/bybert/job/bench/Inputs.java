package org.bybert.job.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bybert.encoder.checkpoint.ModelConfig;

/** What is measured with: random ids and made-up Japanese texts, the same in every run. */
public final class Inputs {

    /** Shortest and longest row of the mixed sentences, in tokens. */
    public static final int SHORTEST = 8;

    public static final int LONGEST = 200;
    /** Tokens a ragged batch of mixed sentences holds at most. */
    public static final int BATCH_TOKENS = 2048;

    private static final long SEED = 20250311;
    private static final String[] PHRASES = {
        "朝の",
        "港で",
        "古い",
        "小さな",
        "図書館の",
        "駅前の",
        "雨の降る",
        "静かな",
        "山あいの",
        "市場で",
        "新しく",
        "二人は",
        "漁師が",
        "先生は",
        "子どもたちが",
        "猫が",
        "祭りの夜に",
        "橋を渡り",
        "手紙を書き",
        "魚を買い",
        "畑を耕し",
        "坂道を上り",
        "窓を開けて",
        "昔話を聞き",
        "写真を並べて",
        "お茶を飲んで",
        "ゆっくりと",
        "笑いながら",
        "少しだけ",
        "やがて",
        "町へ",
        "帰った。",
        "眠った。",
        "話し合った。",
        "空を見上げた。",
        "海",
        "風",
        "雪",
        "道",
        "花",
        "の",
        "は",
        "に",
        "と",
        "も",
        "𠮷田さんから",
        "🍊が",
        "Javaの",
        "See section 4.2, ",
        "毎分3,600回",
        "(金)",
        "ラーメンと"
    };

    private Inputs() {}

    /** {@code n} lengths in tokens, evenly distributed over 8 to 200. */
    public static int[] mixed(int n) {
        SplittableRandom random = new SplittableRandom(SEED);
        return IntStream.range(0, n)
                .map(i -> random.nextInt(SHORTEST, LONGEST + 1))
                .toArray();
    }

    /** Rows in their order, cut into batches of at most so many tokens; a longer row is a batch of its own. */
    public static List<List<int[]>> batches(List<int[]> rows, int most) {
        List<List<int[]>> batches = new ArrayList<>();
        int tokens = 0;
        for (int[] row : rows) {
            tokens += row.length;
            if (batches.isEmpty() || tokens > most) {
                batches.add(new ArrayList<>());
                tokens = row.length;
            }
            batches.get(batches.size() - 1).add(row);
        }
        return batches;
    }

    /** Rows of these lengths, of ids from the whole vocabulary. */
    public static List<int[]> rows(ModelConfig config, int... lengths) {
        SplittableRandom random = new SplittableRandom(SEED);
        return Arrays.stream(lengths)
                .mapToObj(length -> random.ints(length, 0, config.vocabSize()).toArray())
                .toList();
    }

    /** Sentences of the mixed lengths, in bytes of UTF-8; no two are alike, as like texts are computed once. */
    static List<String> sentences(int count) {
        SplittableRandom random = new SplittableRandom(SEED);
        Set<String> sentences = new LinkedHashSet<>();
        for (int length : mixed(count)) {
            int before = sentences.size();
            while (sentences.size() == before) {
                sentences.add(sentence(length, random));
            }
        }
        return List.copyOf(sentences);
    }

    /** Phrases as they fit, with some Latin letters and rare characters, then digits. */
    private static String sentence(int bytes, SplittableRandom random) {
        StringBuilder sentence = new StringBuilder();
        int left = bytes - 2;
        while (left >= 3) {
            String phrase = PHRASES[random.nextInt(PHRASES.length)];
            int size = bytes(phrase);
            if (size <= left) {
                sentence.append(phrase);
                left -= size;
            }
        }
        for (left += 2; left > 0; left--) {
            sentence.append((char) ('0' + random.nextInt(10)));
        }
        return sentence.toString();
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
