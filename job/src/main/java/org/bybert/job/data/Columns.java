package org.bybert.job.data;

/**
 * Where the reader finds its values.
 *
 * @param text       name of the column, or null for {@code text} ({@code value} in plain text)
 * @param expression Spark SQL expression that yields the text, or null
 * @param id         name of the column, or null for {@code id} where there is one
 */
public record Columns(String text, String expression, String id) {

    public static final Columns DEFAULT = new Columns(null, null, null);

    /** Optional column of a row's own words: an array of strings that concatenate to the text. */
    static final String WORDS = "words";
}
