/** Text to token ids and back, in the byte encodings that the models were trained with. */
package org.bybert.encoder.text;
