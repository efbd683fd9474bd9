package org.bybert.job.data;

import java.io.Serializable;
import java.nio.charset.Charset;

/**
 * What is said about data beside its names.
 *
 * @param format    null to tell it from the names of the files
 * @param encoding  name of the character set of text files, or null for UTF-8
 * @param delimiter between the values of a line, or null for that of the format
 */
public record Reading(DataFormat format, String encoding, Character delimiter) implements Serializable {

    public static final Reading DEFAULT = new Reading(null, null, null);

    Charset charset() {
        return TextDecoder.charset(encoding);
    }
}
