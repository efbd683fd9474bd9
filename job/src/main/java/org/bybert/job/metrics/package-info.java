/** From the table of predictions to accuracies with confidence intervals. */
package org.bybert.job.metrics;
