package org.bybert.udf;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.Serializable;
import org.apache.spark.SparkEnv;
import org.bybert.encoder.kernel.KernelChoice;

/**
 * What one executor JVM did with the model; as JSON under the names of {@code metrics.json}.
 *
 * @param executor    Spark's executor id ({@code driver} in local mode)
 * @param process     process id on its host
 * @param kernels     name of the kernels in use
 * @param opens       how often this JVM opened the model, or tried to
 * @param drops       how often it let the model go for others, see {@link Models#MAX}
 * @param openMillis  time the last opening took
 * @param fingerprint of the files it opened
 */
public record ExecutorReport(
        String executor,
        String host,
        long process,
        String kernels,
        @JsonProperty("model_opens") int opens,
        @JsonProperty("model_drops") int drops,
        @JsonProperty("model_open_ms") long openMillis,
        @JsonProperty("model_fingerprint") String fingerprint)
        implements Serializable {

    public static ExecutorReport ofThisJvm(ModelReference reference) {
        Models.Open model = Models.get(reference);
        SparkEnv env = SparkEnv.get();
        return new ExecutorReport(
                env.executorId(),
                env.blockManager().blockManagerId().host(),
                ProcessHandle.current().pid(),
                model.encoder().kernels(),
                Models.attempts(reference),
                Models.drops(reference),
                model.openMillis(),
                model.fingerprint());
    }

    /** Identifies the JVM, as an executor id may be given again after a restart of the application, and the model. */
    public String key() {
        return executor + "@" + host + "/" + process + " " + fingerprint;
    }

    /** For people. */
    public String line() {
        return "executor " + executor + " on " + host + ": " + kernels + " kernels, model opened "
                + (opens == 1 ? "once" : opens + " times") + " in " + openMillis + " ms"
                + (drops == 0 ? "" : ", let go " + drops + " times for others (spark." + Models.MAX + ")")
                + (kernels.equals("scalar")
                        ? "; many times slower than vector kernels, which need " + KernelChoice.VECTOR_FLAG
                        : "");
    }
}
