package org.bybert.udf;

import java.io.Serializable;
import org.apache.spark.SparkEnv;

/**
 * What one executor JVM did with the model.
 *
 * @param executor    Spark's executor id ({@code driver} in local mode)
 * @param process     process id on its host
 * @param kernels     name of the kernels in use
 * @param opens       how often this JVM opened the model, or tried to
 * @param drops       how often it let the model go for others, see {@link Models#MAX}
 * @param openMillis  time the last opening took
 * @param fingerprint of the files it opened
 */
public record ExecutorReport(String executor, String host, long process, String kernels, int opens, int drops,
                             long openMillis, String fingerprint) implements Serializable {

    public static ExecutorReport ofThisJvm(ModelReference reference) {
        Models.Open model = Models.get(reference);
        SparkEnv env = SparkEnv.get();
        return new ExecutorReport(env.executorId(), env.blockManager().blockManagerId().host(),
                ProcessHandle.current().pid(), model.encoder().kernels(), Models.attempts(reference),
                Models.drops(reference), model.openMillis(), model.fingerprint());
    }

    /** Identifies the JVM, as an executor id may be given again after a restart of the application, and the model. */
    public String key() {
        return executor + "@" + host + "/" + process + " " + fingerprint;
    }
}
