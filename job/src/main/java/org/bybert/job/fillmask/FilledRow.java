package org.bybert.job.fillmask;

/**
 * One text and what became of it.
 *
 * @param row       from 1, in the order of the input
 * @param text      as it came; null where it could not be read
 * @param read      what the model read: masks written out, cut where it was too long; null where it read nothing
 * @param filled    the text with its masks filled, or null
 * @param score     geometric mean of the probabilities of what was filled in, or NaN
 * @param masks     number of masks
 * @param bytes     bytes of what the model read, a mask counting as one
 * @param truncated whether it was cut
 * @param error     why it was not filled ({@code kind: details}), or null
 */
record FilledRow(long row, String text, String read, String filled, double score, int masks, int bytes,
                 boolean truncated, String error) {

    static FilledRow failed(InputText input, String error) {
        return new FilledRow(input.row(), input.text(), null, null, Double.NaN, 0, 0, false, error);
    }

    /** What is counted: the error without its details. */
    String problem() {
        return error.substring(0, error.indexOf(':'));
    }
}
