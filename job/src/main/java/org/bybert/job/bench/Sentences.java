package org.bybert.job.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Made-up Japanese sentences of the lengths of {@link Lengths#mixed}, in bytes of UTF-8; no two are alike, as like texts
 * of a window are computed once.
 */
final class Sentences {

    private static final long SEED = 20250311;
    private static final String[] PHRASES = {
        "朝の", "港で", "古い", "小さな", "図書館の", "駅前の", "雨の降る", "静かな", "山あいの", "市場で", "新しく", "二人は",
        "漁師が", "先生は", "子どもたちが", "猫が", "祭りの夜に", "橋を渡り", "手紙を書き", "魚を買い", "畑を耕し", "坂道を上り",
        "窓を開けて", "昔話を聞き", "写真を並べて", "お茶を飲んで", "ゆっくりと", "笑いながら", "少しだけ", "やがて", "町へ", "帰った。",
        "眠った。", "話し合った。", "空を見上げた。", "海", "風", "雪", "道", "花", "の", "は", "に", "と", "も"};

    private Sentences() {
    }

    static List<String> of(int count) {
        SplittableRandom random = new SplittableRandom(SEED);
        Set<String> seen = new HashSet<>();
        List<String> sentences = new ArrayList<>(count);
        for (int length : Lengths.mixed(count)) {
            String sentence;
            do {
                sentence = sentence(length, random);
            } while (!seen.add(sentence));
            sentences.add(sentence);
        }
        return sentences;
    }

    /** Phrases as they fit, then digits. */
    private static String sentence(int bytes, SplittableRandom random) {
        StringBuilder sentence = new StringBuilder();
        int left = bytes - 2;
        while (left >= 3) {
            String phrase = PHRASES[random.nextInt(PHRASES.length)];
            int size = phrase.getBytes(StandardCharsets.UTF_8).length;
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
}
