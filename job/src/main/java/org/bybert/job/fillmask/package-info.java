/** {@code bybert fill-mask}: masked texts in, filled ones out, as cards, a table or JSON. */
package org.bybert.job.fillmask;
