/** Internal: the layers of the encoder over ragged batches, their weights, and the buffers of a thread. */
package org.bybert.encoder.model;
