/** {@code bybert inspect}: what a model is and how it was trained. */
package org.bybert.job.inspect;
