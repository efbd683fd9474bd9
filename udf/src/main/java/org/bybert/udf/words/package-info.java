/** Words, characters and bytes: what of a text is masked as a whole. Internal. */
package org.bybert.udf.words;
