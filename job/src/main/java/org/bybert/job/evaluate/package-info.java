/** {@code bybert evaluate}: masked-word accuracy on sets of examples. */
package org.bybert.job.evaluate;
