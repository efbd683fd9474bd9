package org.bybert.job.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.terminal.Terminal;
import org.junit.jupiter.api.Test;

class JobSessionTest {

    /** A limit on what a sort holds that is not above the size of its first page would write a file for every row. */
    @Test
    void fewRowsAreSortedInMemory() throws Exception {
        Terminal terminal = new Terminal(new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter()));
        SparkSession spark = JobSession.start("test", Map.of("spark.master", "local[1]"), terminal);
        AtomicLong spilled = new AtomicLong(-1);
        try {
            spark.sparkContext().addSparkListener(new SparkListener() {
                @Override
                public void onTaskEnd(SparkListenerTaskEnd end) {
                    spilled.accumulateAndGet(end.taskMetrics().diskBytesSpilled(), (a, b) -> Math.max(a, 0) + b);
                }
            });
            long first = spark.sql("SELECT id FROM range(0, 1000, 1, 3) ORDER BY id % 7, id DESC")
                    .toLocalIterator()
                    .next()
                    .getLong(0);
            assertEquals(994, first);
        } finally {
            // Listeners have heard all by then.
            spark.stop();
        }
        assertEquals(0, spilled.get());
    }
}
