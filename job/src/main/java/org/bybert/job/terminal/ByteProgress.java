package org.bybert.job.terminal;

import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.jdk.javaapi.CollectionConverters;

/** Progress in bytes of text, which count for good when their task ends. */
public final class ByteProgress extends Progress {

    private final long accumulator;

    /**
     * @param accumulator id of the accumulator that counts bytes
     * @param bytes       in UTF-8; those that are counted are of the model's encoding, which has about as many
     */
    public ByteProgress(Terminal terminal, long accumulator, long bytes) {
        super(terminal, accumulator, bytes, 0);
        this.accumulator = accumulator;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        super.onTaskEnd(end);
        CollectionConverters.asJava(end.taskInfo().accumulables()).forEach(info -> {
            if (info.id() == accumulator
                    && end.taskInfo().successful()
                    && info.update().getOrElse(() -> null) instanceof Long bytes) {
                add(bytes);
            }
        });
    }

    @Override
    protected String amount(long n) {
        return Texts.bytes(n);
    }

    @Override
    protected String rate(double n) {
        return Texts.bytes((long) n);
    }
}
