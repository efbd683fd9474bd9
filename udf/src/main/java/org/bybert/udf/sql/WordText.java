package org.bybert.udf.sql;

import java.util.List;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.UnpairedSurrogates;
import org.bybert.udf.batch.LongText;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.Span;

/**
 * A text cut into the units that can be masked. Nothing in it stands for a special token: it is data, not a prompt.
 *
 * @param ids       of the text that is read, special tokens at its ends included
 * @param units     spans of bytes of the model's encoding; white space is in none
 * @param bytes     of the whole text
 * @param truncated whether only the beginning is read
 * @param error     why the text cannot be used, or null; then there are neither ids nor units
 */
record WordText(int[] ids, List<Span> units, int bytes, boolean truncated, String error) {

    static WordText of(String text, CallSettings settings) {
        ByteTokenizer tokenizer = settings.tokenizer();
        ByteEncoding encoding = tokenizer.encoding();
        int limit = settings.reader().limit();
        int bytes = encoding.byteLength(text);
        if (UnpairedSurrogates.first(text) >= 0) {
            settings.metrics().repaired().add(1);
        }
        boolean isLong = bytes + tokenizer.addedTokens() > limit;
        if (isLong && settings.texts().longText() != LongText.TRUNCATE) {
            return failed(bytes, "too long: " + (bytes + tokenizer.addedTokens()) + " tokens, the limit is " + limit);
        }
        String part = isLong ? beginning(text, limit - tokenizer.addedTokens(), encoding) : text;
        List<Span> units = Span.of(Segmenter.of(settings.unit()).segment(part), settings.unit(), encoding);
        return units.isEmpty() ? failed(bytes, "blank text: nothing but white space")
                : new WordText(tokenizer.encodePlain(part), units, bytes, isLong, null);
    }

    private static WordText failed(int bytes, String error) {
        return new WordText(null, null, bytes, false, error);
    }

    private static String beginning(String text, int maxBytes, ByteEncoding encoding) {
        int room = maxBytes;
        int at = 0;
        while (at < text.length()) {
            int codePoint = text.codePointAt(at);
            room -= encoding.byteLength(codePoint);
            if (room < 0) {
                break;
            }
            at += Character.charCount(codePoint);
        }
        return text.substring(0, at);
    }
}
