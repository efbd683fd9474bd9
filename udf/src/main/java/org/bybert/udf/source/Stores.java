package org.bybert.udf.source;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.util.VersionInfo;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;

/** The file systems that Hadoop reads, as this JVM can reach them. */
public final class Stores {

    /** How Hadoop, or the JVM, says that classes of a file system are missing. */
    private static final Pattern MISSING = Pattern.compile("No FileSystem for scheme \"?[^\"\\s]+\"?"
            + "|Class \\S+FileSystem\\S* not found"
            + "|(?:software|com)/(?:amazon|azure|microsoft/azure|google/cloud)/\\S+");

    /** Hadoop's modules by what stands in such a message. */
    private static final Map<Pattern, String> MODULES = Map.of(
            Pattern.compile("scheme \"?s3|\\.s3a?\\.|/amazon/"), "hadoop-aws",
            Pattern.compile("scheme \"?(abfs|wasb)|\\.azure|/azure/"), "hadoop-azure",
            Pattern.compile("scheme \"?gs|\\.gs\\.|/google/"), "hadoop-gcp");

    private Stores() {}

    /** Of the driver: what the site and the program have set. */
    public static Configuration configuration() {
        SparkEnv env = SparkEnv.get();
        if (env != null && env.executorId().equals("driver")) {
            return SparkContext.getOrCreate().hadoopConfiguration();
        }
        return SparkHadoopUtil.get().newConfiguration(env == null ? new SparkConf() : env.conf());
    }

    /** What to do where it was thrown because classes of a file system are missing; null where for something else. */
    public static String advice(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            Matcher missing = MISSING.matcher(String.valueOf(t.getMessage()));
            if (missing.find()) {
                String module = MODULES.entrySet().stream()
                        .filter(entry -> entry.getKey().matcher(missing.group()).find())
                        .map(entry -> "--packages org.apache.hadoop:" + entry.getValue() + ":"
                                + VersionInfo.getVersion() + " brings them")
                        .findFirst()
                        .orElse("--packages or --jars bring them");
                return "classes of its file system are missing (" + missing.group() + "): " + module;
            }
        }
        return null;
    }
}
