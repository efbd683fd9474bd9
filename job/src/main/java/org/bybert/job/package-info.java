/** The program behind {@code bybert}: its commands, and what all of them need. */
package org.bybert.job;
