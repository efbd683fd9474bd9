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
        this.shorthand = Pattern.compile(
                Pattern.quote(start) + "([1-9][0-9]{0,3})" + Pattern.quote(mask.substring(close)));
    }

    /** The text with every shorthand written out. */
    public String expand(String text) {
        if (!text.contains(start)) {
            return text;
        }
        return shorthand.matcher(text).replaceAll(found ->
                Matcher.quoteReplacement(mask.repeat(Integer.parseInt(found.group(1)))));
    }
}
