/** {@code bybert score}: how probable a model finds texts, and which of two. */
package org.bybert.job.score;
