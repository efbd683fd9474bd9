package org.bybert.encoder.detect;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * The built-in Japanese sentences with some of their characters masked, the same ones for every encoding: a
 * share of the letters ({@value #RATE}), no two side by side, and the last character, which an end-of-sequence token tells
 * most about.
 */
final class Sample {

    /**
     * One sentence for the model.
     *
     * @param ids        token ids, every byte of a masked character replaced by the mask
     * @param positions  of the masks in {@code ids}
     * @param targets    what stood there
     * @param characters number of masked characters
     */
    record MaskedSentence(int[] ids, int[] positions, int[] targets, int characters) {

        /** @param chosen numbers of the characters (code points) to mask */
        static MaskedSentence of(String sentence, BitSet chosen, ByteTokenizer tokenizer) {
            int[] ids = tokenizer.encodePlain(sentence);
            int[] positions = new int[ids.length];
            int masks = 0;
            int at = tokenizer.prefixLength();
            int[] characters = sentence.codePoints().toArray();
            for (int i = 0; i < characters.length; i++) {
                int end = at + tokenizer.encoding().byteLength(characters[i]);
                for (; at < end; at++) {
                    if (chosen.get(i)) {
                        positions[masks++] = at;
                    }
                }
            }
            positions = Arrays.copyOf(positions, masks);
            int[] targets = Arrays.stream(positions).map(p -> ids[p]).toArray();
            Arrays.stream(positions).forEach(p -> ids[p] = tokenizer.maskId());
            return new MaskedSentence(ids, positions, targets, chosen.cardinality());
        }
    }

    private static final double RATE = 0.2;
    private static final long SEED = 20250311;

    private final List<String> sentences;

    private Sample(List<String> sentences) {
        this.sentences = sentences;
    }

    static Sample load() {
        try (InputStream in = Sample.class.getResourceAsStream("sentences.txt")) {
            return new Sample(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<MaskedSentence> mask(ByteTokenizer tokenizer) {
        List<MaskedSentence> masked = new ArrayList<>();
        for (int i = 0; i < sentences.size(); i++) {
            String sentence = sentences.get(i);
            masked.add(MaskedSentence.of(sentence, choose(sentence, new SplittableRandom(SEED + i)), tokenizer));
        }
        return masked;
    }

    /** Which characters, by their number in the sentence. */
    private static BitSet choose(String sentence, SplittableRandom random) {
        int[] characters = sentence.codePoints().toArray();
        int letters = (int) Arrays.stream(characters).filter(Character::isLetter).count();
        int wanted = Math.max(1, (int) Math.round(RATE * letters));
        BitSet chosen = new BitSet();
        chosen.set(characters.length - 1);
        while (chosen.cardinality() < wanted) {
            int i = random.nextInt(characters.length);
            if (Character.isLetter(characters[i]) && !chosen.get(i + 1) && (i == 0 || !chosen.get(i - 1))) {
                chosen.set(i);
            }
        }
        return chosen;
    }
}
