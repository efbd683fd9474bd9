/**
 * The engine that answers texts in batches, {@link org.bybert.encoder.batch.TextEngine}, and what can be done with a
 * text, the {@link org.bybert.encoder.batch.TextTask}s.
 */
package org.bybert.encoder.batch;
