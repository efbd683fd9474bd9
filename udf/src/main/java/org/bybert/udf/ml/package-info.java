/** Transformers for pipelines of {@code spark.ml}. */
package org.bybert.udf.ml;
