/** Internal: the files of a model, the presets of the published ones, and where each setting comes from. */
package org.bybert.encoder.checkpoint;
