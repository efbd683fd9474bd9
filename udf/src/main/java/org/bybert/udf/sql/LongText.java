package org.bybert.udf.sql;

/** What happens to a text of more tokens than the limit. */
public enum LongText {
    /** The result is null, with the reason where the result has a place for one; counted. */
    REJECT,
    /** The text is cut at a character boundary; counted. */
    TRUNCATE
}
