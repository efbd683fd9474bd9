package org.bybert.job.bench;

/**
 * A fresh JVM that opens a model and answers row after row.
 *
 * @param warmUp             kernels are warmed while the model opens
 * @param openSeconds        to open the model, warm-up included
 * @param firstAnswerSeconds from the start of opening to the first answer
 * @param rowsToSteady       rows answered before throughput reaches 90 % of steady state
 * @param secondsToSteady    from the start of opening until then
 * @param secondsLost        by rows slower than in steady state, over all rows
 * @param rowsPerSecond      in steady state
 */
public record ColdStart(boolean warmUp, double openSeconds, double firstAnswerSeconds, int rowsToSteady,
                        double secondsToSteady, double secondsLost, double rowsPerSecond) {
}
