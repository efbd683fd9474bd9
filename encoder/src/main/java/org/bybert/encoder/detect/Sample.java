package org.bybert.encoder.detect;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * One of the built-in Japanese sentences with some of its characters masked, the same ones for every encoding.
 *
 * @param ids        token ids of the sentence, every byte of a masked character replaced by the mask
 * @param positions  of the masks in {@code ids}
 * @param targets    what stood there
 * @param characters number of masked characters
 */
record Sample(int[] ids, int[] positions, int[] targets, int characters) {

    /** What is masked of a sentence. */
    enum Part {
        /** A share of the letters ({@value #RATE}), no two side by side, and the last character. */
        WHOLE,
        /** The same of the first {@value #FEW} characters: enough to tell encodings apart. */
        ANYWHERE,
        /** The first two characters of the first few, which a token before them tells most about. */
        BEGINNING,
        /** The last two characters of the last few, which a token behind them tells most about. */
        END
    }

    private static final double RATE = 0.2;
    private static final int FEW = 21;
    private static final long SEED = 20250311;
    /** Characters of a sentence of which only one end is masked: more of them tell little, and take time. */
    private static final int END = 8;

    private static final List<String> SENTENCES = sentences();
    static final int COUNT = SENTENCES.size();

    private static List<String> sentences() {
        try (InputStream in = Sample.class.getResourceAsStream("sentences.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param number of the sentence, below {@link #COUNT} */
    static Sample of(int number, Part part, ByteTokenizer tokenizer) {
        String sentence = part(SENTENCES.get(number), part);
        int[] characters = sentence.codePoints().toArray();
        BitSet chosen = new BitSet();
        switch (part) {
            case WHOLE, ANYWHERE -> choose(characters, new SplittableRandom(SEED + number), chosen);
            case BEGINNING -> chosen.set(0, 2);
            case END -> chosen.set(characters.length - 2, characters.length);
        }
        int[] ids = tokenizer.encodePlain(sentence);
        BitSet masks = new BitSet();
        int at = tokenizer.prefixLength();
        for (int i = 0; i < characters.length; i++) {
            int end = at + tokenizer.encoding().byteLength(characters[i]);
            masks.set(at, end, chosen.get(i));
            at = end;
        }
        int[] positions = masks.stream().toArray();
        int[] targets = Arrays.stream(positions).map(p -> ids[p]).toArray();
        Arrays.stream(positions).forEach(p -> ids[p] = tokenizer.maskId());
        return new Sample(ids, positions, targets, chosen.cardinality());
    }

    /** The sentences have no character outside the Basic Multilingual Plane. */
    private static String part(String sentence, Part part) {
        return switch (part) {
            case WHOLE -> sentence;
            case ANYWHERE -> sentence.substring(0, Math.min(FEW, sentence.length()));
            case BEGINNING -> sentence.substring(0, Math.min(END, sentence.length()));
            case END -> sentence.substring(Math.max(0, sentence.length() - END));
        };
    }

    private static void choose(int[] characters, SplittableRandom random, BitSet chosen) {
        int letters =
                (int) Arrays.stream(characters).filter(Character::isLetter).count();
        int wanted = Math.max(1, (int) Math.round(RATE * letters));
        chosen.set(characters.length - 1);
        while (chosen.cardinality() < wanted) {
            int i = random.nextInt(characters.length);
            if (Character.isLetter(characters[i]) && !chosen.get(i + 1) && (i == 0 || !chosen.get(i - 1))) {
                chosen.set(i);
            }
        }
    }
}
