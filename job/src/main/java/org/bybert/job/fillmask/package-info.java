/** {@code bybert fill-mask}: the masks of texts filled at the terminal, without Spark. */
package org.bybert.job.fillmask;
