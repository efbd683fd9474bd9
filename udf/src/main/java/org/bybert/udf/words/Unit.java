package org.bybert.udf.words;

/** What is masked as a whole. */
public enum Unit {
    /** A word: UniDic short unit, or one of the row's own {@code words}. */
    WORD,
    /** A character (Unicode scalar value). */
    CHAR,
    /** A byte of the model's encoding. */
    BYTE
}
