/** What everybody throws: an error for the person who must mend a model, and the host it happened on. */
package org.bybert.encoder.error;
