package org.bybert.encoder.detect;

import java.util.Arrays;
import java.util.BitSet;
import org.bybert.encoder.text.ByteTokenizer;

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
