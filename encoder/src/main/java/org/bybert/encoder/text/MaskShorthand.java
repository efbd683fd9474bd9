package org.bybert.encoder.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shorthand for several masks in a row: for a mask token {@code <mask>}, {@code <mask:6>} stands for six of them,
 * {@code <mask:3-12>} for 3 to 12 and {@code <mask:?>} for 1 to {@value #UNKNOWN}, whichever number fits best. A number is 1
 * to {@value #MOST}, in ASCII digits without a leading zero. Other numbers, {@code <mask:0>} or {@code <mask:9-3>}, are
 * mistakes, see {@link #slots}; anything else, {@code <mask:-1>}, is text like any other.
 */
public final class MaskShorthand {

    /** More masks than that are no slot in a text. */
    public static final int MOST = 9999;

    /** Masks at most of {@code <mask:?>}. */
    public static final int UNKNOWN = 24;

    /**
     * Masks and shorthands that follow each other.
     *
     * @param start in the text
     * @param end   in the text
     * @param least number of masks
     * @param most  number of masks
     * @param open  whether it is a range
     */
    public record Slot(int start, int end, int least, int most, boolean open) {}

    private final String mask;
    private final String start;
    private final Pattern shorthand;
    /** A mask, or what was meant for a shorthand. */
    private final Pattern part;

    /** @param mask text of the mask token; its last character closes the shorthand too */
    public MaskShorthand(String mask) {
        this.mask = mask;
        int close = mask.length() - 1;
        this.start = mask.substring(0, close) + ':';
        this.shorthand =
                Pattern.compile(Pattern.quote(start) + "([1-9][0-9]{0,3})" + Pattern.quote(mask.substring(close)));
        this.part = Pattern.compile(Pattern.quote(mask) + '|' + Pattern.quote(start) + "(\\?|[0-9]+(?:-[0-9]+)?)"
                + Pattern.quote(mask.substring(close)));
    }

    /**
     * The slots of a text.
     *
     * @throws IllegalArgumentException where a number is wrong, or a slot of unknown length has no end
     */
    public List<Slot> slots(String text) {
        List<Slot> slots = new ArrayList<>();
        Matcher found = part.matcher(text);
        while (found.find()) {
            Slot next = slot(found);
            Slot last = slots.isEmpty() || slots.get(slots.size() - 1).end < next.start
                    ? null
                    : slots.remove(slots.size() - 1);
            if (last != null && (last.open || next.open)) {
                throw new IllegalArgumentException(
                        "expected text between masks of which the number is not known, found "
                                + text.substring(last.start, next.end));
            }
            slots.add(
                    last == null
                            ? next
                            : new Slot(last.start, next.end, last.least + next.least, last.most + next.most, false));
        }
        return slots;
    }

    private static Slot slot(Matcher found) {
        String shorthand = found.group(1);
        if (shorthand == null) {
            return new Slot(found.start(), found.end(), 1, 1, false);
        }
        if (shorthand.equals("?")) {
            return new Slot(found.start(), found.end(), 1, UNKNOWN, true);
        }
        int dash = shorthand.indexOf('-');
        int least = number(dash < 0 ? shorthand : shorthand.substring(0, dash));
        int most = number(shorthand.substring(dash + 1));
        if (least < 1 || most < least) {
            throw new IllegalArgumentException(
                    "expected 1 to " + MOST + ", a range such as 3-12, or ?, found " + found.group());
        }
        return new Slot(found.start(), found.end(), least, most, dash >= 0);
    }

    /** 0 where it is wrong. */
    private static int number(String digits) {
        return digits.length() > 4 || digits.charAt(0) == '0' ? 0 : Integer.parseInt(digits);
    }

    /**
     * A text with masks in the place of its slots.
     *
     * @param masks number for each slot
     */
    public String fill(String text, List<Slot> slots, int[] masks) {
        StringBuilder filled = new StringBuilder();
        int from = 0;
        for (int i = 0; i < masks.length; i++) {
            filled.append(text, from, slots.get(i).start).append(mask.repeat(masks[i]));
            from = slots.get(i).end;
        }
        return filled.append(text, from, text.length()).toString();
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
