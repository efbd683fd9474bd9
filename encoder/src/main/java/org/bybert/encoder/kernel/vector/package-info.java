/** Internal: the kernels on the Vector API; nothing else mentions {@code jdk.incubator.vector}. */
package org.bybert.encoder.kernel.vector;
