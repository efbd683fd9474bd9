/** The engine of {@code org.bybert.encoder.batch} on Spark's partitions: schemas, accumulators, killed tasks. */
package org.bybert.udf.batch;
