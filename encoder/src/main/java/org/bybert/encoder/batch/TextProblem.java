package org.bybert.encoder.batch;

/** Why a text has no answer; the message is {@code kind: details}, and the kind is what is counted. */
public final class TextProblem extends RuntimeException {

    /** What a model says that cannot be answered with. */
    static final String NOT_FINITE = "not finite";

    public TextProblem(String kind, String details) {
        this(kind + ": " + details);
    }

    /** @param error {@code kind} or {@code kind: details} */
    public TextProblem(String error) {
        super(error, null, false, false);
    }

    /** The model's scores of tokens are infinite or no numbers. */
    public static TextProblem scoresNotFinite() {
        return new TextProblem(NOT_FINITE, "the model's scores overflow on this text");
    }

    /** The part of an error that texts have in common. */
    public static String kind(String error) {
        int colon = error.indexOf(':');
        return colon < 0 ? error : error.substring(0, colon);
    }
}
