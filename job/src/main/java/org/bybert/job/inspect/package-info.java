/** {@code bybert inspect}: what a model is, where its settings come from, and how it was trained. */
package org.bybert.job.inspect;
