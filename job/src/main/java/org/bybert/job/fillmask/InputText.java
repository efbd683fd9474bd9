package org.bybert.job.fillmask;

/**
 * One text as it came.
 *
 * @param row     from 1, in the order of the input
 * @param text    null where it could not be read
 * @param problem why, or null
 */
record InputText(long row, String text, String problem) {
}
