package org.bybert.encoder.detect;

import java.util.List;

/**
 * What the measurement says about one setting: its best value against the others, sentence by sentence.
 *
 * @param setting       key of the setting
 * @param best          value with the lowest loss
 * @param next          value with the next lowest loss
 * @param margin        how much higher the loss of {@code next} is, in nats per masked character, the mean over the
 *                      sentences
 * @param standardError of {@code margin}, from its variance between sentences
 * @param possible      the best value and those that are not clearly worse
 * @param decided       whether the rule of {@link Detection} holds
 * @param configured    the value that the model would be opened with, or null where there is none
 */
public record Verdict(String setting, String best, String next, double margin, double standardError,
                      List<String> possible, boolean decided, String configured) {

    /** {@code margin} in standard errors. */
    public double z() {
        return standardError > 0 ? margin / standardError : 0;
    }

    /** Whether the model would be opened with a value that clearly loses. */
    public boolean contradictsConfiguration() {
        return decided && configured != null && !configured.equals(best);
    }
}
