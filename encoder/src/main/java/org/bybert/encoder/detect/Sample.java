package org.bybert.encoder.detect;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bybert.encoder.Session;
import org.bybert.encoder.detect.Detection.Candidate;
import org.bybert.encoder.detect.Detection.Score;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * The built-in Japanese sentences with some of their characters masked, the same ones for every encoding: a
 * share of the letters ({@value #RATE}), no two side by side, and the last character, which an end-of-sequence token tells
 * most about.
 *
 * @param ids        token ids of one sentence, every byte of a masked character replaced by the mask
 * @param positions  of the masks in {@code ids}
 * @param targets    what stood there
 * @param characters number of masked characters
 */
record Sample(int[] ids, int[] positions, int[] targets, int characters) {

    private static final double RATE = 0.2;
    private static final long SEED = 20250311;

    private static List<Sample> all(ByteTokenizer tokenizer) {
        try (InputStream in = Sample.class.getResourceAsStream("sentences.txt")) {
            List<String> sentences = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return IntStream.range(0, sentences.size())
                    .mapToObj(i -> of(sentences.get(i), new SplittableRandom(SEED + i), tokenizer))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Sample of(String sentence, SplittableRandom random, ByteTokenizer tokenizer) {
        int[] characters = sentence.codePoints().toArray();
        BitSet chosen = choose(characters, random);
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

    /** Which characters, by their number in the sentence. */
    private static BitSet choose(int[] characters, SplittableRandom random) {
        int letters =
                (int) Arrays.stream(characters).filter(Character::isLetter).count();
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

    /** Masked loss of one model on all sentences. */
    static Score score(Candidate candidate, ByteTokenizer tokenizer, Transformer transformer) {
        List<Sample> samples = all(tokenizer);
        RaggedBatch batch = RaggedBatch.of(samples.stream().map(Sample::ids).toList());
        int[] positions = IntStream.range(0, samples.size())
                .boxed()
                .flatMapToInt(i -> Arrays.stream(samples.get(i).positions()).map(p -> batch.start(i) + p))
                .toArray();
        int[] targets = samples.stream()
                .flatMapToInt(sample -> Arrays.stream(sample.targets()))
                .toArray();
        double[] logs = new Session(tokenizer, transformer).logProbabilities(batch, positions, targets);
        double[] losses = new double[samples.size()];
        int at = 0;
        for (int i = 0; i < losses.length; i++) {
            for (int end = at + samples.get(i).targets().length; at < end; at++) {
                losses[i] -= logs[at] / samples.get(i).characters();
            }
        }
        return new Score(candidate, losses, -Arrays.stream(logs).average().orElseThrow(), entropy(targets));
    }

    private static double entropy(int[] targets) {
        Map<Integer, Integer> counts = new HashMap<>();
        Arrays.stream(targets).forEach(target -> counts.merge(target, 1, Integer::sum));
        double entropy = 0;
        for (double count : counts.values()) {
            entropy -= count / targets.length * StrictMath.log(count / targets.length);
        }
        return entropy;
    }
}
