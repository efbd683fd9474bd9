/** Internal: models of the Hugging Face hub, in the cache that Python's tools share. */
package org.bybert.encoder.hub;
