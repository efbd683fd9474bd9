/** Internal: measures on masked sentences how a model was trained, where its files leave it open. */
package org.bybert.encoder.detect;
