/**
 * {@code bybert bench} and {@code make-checkpoint}: how fast the encoder is beside what the machine can do, what Spark
 * leaves of it, and models with random weights to measure with.
 */
package org.bybert.job.bench;
