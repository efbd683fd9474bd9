package org.bybert.udf.source;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;

/**
 * A folder of a file system that Hadoop reads; each host copies it once.
 *
 * @param settings what the driver's configuration adds to Hadoop's defaults ({@code spark.hadoop.*}, core-site.xml, what
 *                 the program set), so that executors read the model as they read the data
 */
record HadoopSource(String uri, Map<String, String> settings) implements ModelSource {

    static HadoopSource of(String uri) {
        Configuration configuration = driverConfiguration();
        Map<String, String> settings = new TreeMap<>();
        for (Map.Entry<String, String> entry : configuration) {
            String[] sources = configuration.getPropertySources(entry.getKey());
            if (sources == null || sources.length == 0 || !sources[sources.length - 1].endsWith("-default.xml")) {
                settings.put(entry.getKey(), entry.getValue());
            }
        }
        return new HadoopSource(uri, settings);
    }

    private static Configuration driverConfiguration() {
        SparkEnv env = SparkEnv.get();
        if (env != null && env.executorId().equals("driver")) {
            return SparkContext.getOrCreate().hadoopConfiguration();
        }
        return SparkHadoopUtil.get().newConfiguration(env == null ? new SparkConf() : env.conf());
    }

    @Override
    public Path folder() {
        Configuration configuration = new Configuration();
        settings.forEach(configuration::set);
        return new HadoopCopy(uri, configuration, HadoopCopy.cache(System.getenv())).folder();
    }

    /** Without the settings, which may hold passwords. */
    @Override
    public String toString() {
        return uri;
    }
}
