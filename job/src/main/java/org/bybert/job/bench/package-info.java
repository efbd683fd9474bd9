/** {@code bybert bench}: how fast the encoder is beside what the machine can do at most, and how much of it Spark leaves. */
package org.bybert.job.bench;
