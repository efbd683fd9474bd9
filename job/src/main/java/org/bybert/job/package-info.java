/** The program behind {@code bybert}. */
package org.bybert.job;
