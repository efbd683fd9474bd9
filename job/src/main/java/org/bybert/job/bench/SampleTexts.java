package org.bybert.job.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Japanese texts for measurements: sentences drawn at random, the same for the same seed. */
final class SampleTexts {

    private static final long SEED = 20250311;
    private static final int MOST_SENTENCES = 8;
    private static final List<String> SENTENCES = List.of(
            "川沿いの道を歩くと、春には桜が、秋には柿の実が見える。",
            "この装置は1分間に3,600回転し、消費電力は45Wである。",
            "「もう帰ろう」と兄は言ったが、弟は返事をしなかった。",
            "Javaで書かれたプログラムは、多くのOSで動く。",
            "第二章では、江戸時代の農村における水の分け方を論じる。",
            "申し込みは2024年3月15日(金)までに、窓口またはWebサイトで受け付けます。",
            "ラーメンとカレーライスのどちらにするか、十五分も迷った。",
            "気象台によると、あすは北の風がやや強く、所により雪が降る見込みだ。",
            "𠮷田さんから🍊が届いたので、近所に配った。",
            "See the manual, section 4.2, for details.",
            "細胞膜の脂質は、温度が下がると流動性を失う。",
            "おじいさんは山へ、おばあさんは川へ行きました。");

    private SampleTexts() {
    }

    /** Texts of one to eight sentences, together at least so many bytes of UTF-8. */
    static List<String> ofBytes(int bytes) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<String> texts = new ArrayList<>();
        for (int total = 0; total < bytes;) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(MOST_SENTENCES) + 1; n > 0; n--) {
                text.append(SENTENCES.get(random.nextInt(SENTENCES.size())));
            }
            texts.add(text.toString());
            total += text.toString().getBytes(StandardCharsets.UTF_8).length;
        }
        return texts;
    }
}
