package org.bybert.encoder.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shorthand for several masks in a row: for a mask token {@code <mask>}, {@code <mask:6>} stands for six of them.
 * The number is 1 to {@value #MOST}, in ASCII digits without a leading zero; anything else, {@code <mask:0>} or
 * {@code <mask:-1>}, is text like any other.
 */
public final class MaskShorthand {

    /** More masks than that are no slot in a text. */
    public static final int MOST = 9999;

    private final String mask;
    private final String start;
    private final Pattern shorthand;

    /** @param mask text of the mask token; its last character closes the shorthand too */
    public MaskShorthand(String mask) {
        this.mask = mask;
        int close = mask.length() - 1;
        this.start = mask.substring(0, close) + ':';
        this.shorthand =
                Pattern.compile(Pattern.quote(start) + "([1-9][0-9]{0,3})" + Pattern.quote(mask.substring(close)));
    }

    /**
     * A text with its shorthands written out.
     *
     * @param left masks that are not
     */
    public record Expanded(String text, long left) {}

    /**
     * Writes shorthands out until the text has {@code most} masks of them; each one after that becomes a single mask. A
     * short line can stand for gigabytes, so that more than can be read is never written.
     */
    public Expanded expand(String text, int most) {
        if (!text.contains(start)) {
            return new Expanded(text, 0);
        }
        StringBuilder expanded = new StringBuilder();
        long written = 0;
        long left = 0;
        Matcher found = shorthand.matcher(text);
        while (found.find()) {
            int wanted = Integer.parseInt(found.group(1));
            int masks = (int) Math.min(wanted, Math.max(1, most - written));
            found.appendReplacement(expanded, Matcher.quoteReplacement(mask.repeat(masks)));
            written += masks;
            left += wanted - masks;
        }
        return new Expanded(found.appendTail(expanded).toString(), left);
    }
}
