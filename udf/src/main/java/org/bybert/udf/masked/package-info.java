/** Masked words: how they are chosen, how a model's accuracy on them is measured, how they score a text. */
package org.bybert.udf.masked;
