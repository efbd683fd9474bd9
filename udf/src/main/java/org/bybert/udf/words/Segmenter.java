package org.bybert.udf.words;

import java.util.List;

/** Cuts a text into pieces that concatenate to it. */
public interface Segmenter {

    List<String> segment(String text);
}
