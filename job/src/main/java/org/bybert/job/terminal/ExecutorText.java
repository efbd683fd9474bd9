package org.bybert.job.terminal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.Models;

/** How results tell where they were computed. */
public final class ExecutorText {

    private ExecutorText() {
    }

    public static String line(ExecutorReport executor) {
        return "executor " + executor.executor() + " on " + executor.host() + ": " + executor.kernels()
                + " kernels, model opened " + (executor.opens() == 1 ? "once" : executor.opens() + " times")
                + " in " + executor.openMillis() + " ms"
                + (executor.drops() == 0 ? "" : ", let go " + executor.drops() + " times for others (spark."
                        + Models.MAX + ")")
                + (executor.kernels().equals("scalar")
                        ? "; many times slower than vector kernels, which need " + KernelChoice.VECTOR_FLAG
                        : "");
    }

    /** Under the names of {@code metrics.json}. */
    public static Map<String, Object> json(ExecutorReport executor) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("executor", executor.executor());
        json.put("host", executor.host());
        json.put("process", executor.process());
        json.put("kernels", executor.kernels());
        json.put("model_opens", executor.opens());
        json.put("model_drops", executor.drops());
        json.put("model_open_ms", executor.openMillis());
        json.put("model_fingerprint", executor.fingerprint());
        return json;
    }
}
