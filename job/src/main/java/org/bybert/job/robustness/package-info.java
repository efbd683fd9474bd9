/** {@code bybert robustness}: how much a model minds a word that is exchanged, as the byBERT-JP paper measures it. */
package org.bybert.job.robustness;
