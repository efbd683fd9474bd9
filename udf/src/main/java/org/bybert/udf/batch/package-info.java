/** The engine of {@code org.bybert.encoder.batch} on the rows of Spark's partitions: schemas, accumulators, killed tasks. */
package org.bybert.udf.batch;
