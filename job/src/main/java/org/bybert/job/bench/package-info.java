/** {@code bybert bench}: how fast the encoder is beside what the machine can do, and what Spark leaves of it. */
package org.bybert.job.bench;
