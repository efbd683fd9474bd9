/** Models of a published shape with random weights, for measurements and for {@code bybert make-checkpoint}. */
package org.bybert.job.model;
