package org.bybert.job.data;

import java.io.IOException;
import java.net.SocketException;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.UserError;

/**
 * The session of a command: what a site has set holds in it, but for what would lose rows without a word, and for what
 * Spark itself does not stand (it does not register all of its classes).
 */
public final class JobSession {

    private static final Map<String, String> PINNED = new TreeMap<>(Map.of(
            "spark.files.ignoreCorruptFiles", "false",
            "spark.files.ignoreMissingFiles", "false",
            "spark.kryo.registrationRequired", "false",
            "spark.sql.files.ignoreCorruptFiles", "false",
            "spark.sql.files.ignoreMissingFiles", "false"));

    /** How much a task of a shuffle holds, which for long texts would be most of the heap. Spark 4.0 does not know it. */
    private static final String SHUFFLE_MEMORY = "spark.shuffle.spill.maxSizeInBytesForSpillThreshold";

    /** Less than {@link #SHUFFLE_MEMORY}, or sorting would write a file for every row: of a large heap it is 64 MB. */
    private static final String PAGE = "spark.buffer.pageSize";

    /** The default one does not ask a failing store again as {@code fs.s3a.retry.limit} says. */
    private static final String S3A_STREAM = "spark.hadoop.fs.s3a.input.stream.type";

    private JobSession() {}

    /**
     * For a session that is not of ours.
     *
     * @throws UserError where it is set to lose rows without a word
     */
    public static void check(SparkSession spark) {
        PINNED.forEach((key, value) -> {
            String found = spark.conf().get(key, value);
            if (key.startsWith("spark.sql.") && !found.equalsIgnoreCase(value)) {
                throw new UserError(
                        "expected " + key + "=" + value + ", or rows would be lost without a word, found " + found);
            }
        });
    }

    /**
     * Starts Spark; settings that are not followed are told.
     *
     * @param own settings of the command, which win over all others
     */
    public static SparkSession start(String command, Map<String, String> own, Terminal terminal) {
        terminal.remark("starting Spark");
        SparkConf site = new SparkConf();
        String ignored = PINNED.entrySet().stream()
                .filter(pinned -> !site.get(pinned.getKey(), pinned.getValue()).equalsIgnoreCase(pinned.getValue()))
                .map(pinned -> pinned.getKey() + "=" + site.get(pinned.getKey()))
                .collect(Collectors.joining(", "));
        if (!ignored.isEmpty()) {
            terminal.remark("not followed, since rows would be lost or Spark fail: " + ignored);
        }
        SparkSession.Builder builder = SparkSession.builder().appName(command);
        builder.config(SHUFFLE_MEMORY, site.get(SHUFFLE_MEMORY, "64m"));
        builder.config(PAGE, site.get(PAGE, "8m"));
        builder.config(S3A_STREAM, site.get(S3A_STREAM, "classic"));
        PINNED.forEach(builder::config);
        own.forEach(builder::config);
        try {
            // Commands tell their progress themselves.
            return builder.config("spark.ui.showConsoleProgress", false).getOrCreate();
        } catch (Exception e) {
            // Spark throws IOException without declaring it.
            if (e instanceof IOException && !(e instanceof SocketException)) {
                throw new UserError(
                        "Spark cannot start: " + Failure.firstLine(e) + "; its temporary files, 50 MB or more, go to "
                                + System.getProperty("java.io.tmpdir") + ": TMPDIR names another folder",
                        e);
            }
            throw e;
        }
    }
}
