package org.bybert.job;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * Hadoop's name node, data node, resource manager and node manager, each in a JVM of its own on the loopback interface:
 * their classes have the names of those that Spark has in other jars.
 */
public final class HadoopServers implements AutoCloseable {

    private static final String SERVER = "org.apache.hadoop.%s.server.%s";

    private final Path folder;
    private final Path conf;
    private final Configuration client = new Configuration();
    private final List<Process> daemons = new ArrayList<>();

    /** @param folder receives their files, logs and configuration */
    public HadoopServers(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        conf = Files.createDirectory(folder.resolve("conf"));
        String here = "127.0.0.1:";
        settings(
                "core-site.xml",
                Map.of(
                        "fs.defaultFS",
                        "hdfs://" + here + Servers.freePort(),
                        "hadoop.tmp.dir",
                        folder.resolve("hadoop").toString()));
        settings(
                "hdfs-site.xml",
                Map.of(
                        "dfs.replication", "1",
                        "dfs.namenode.http-address", here + 0,
                        "dfs.datanode.address", here + 0,
                        "dfs.datanode.http.address", here + 0,
                        "dfs.datanode.ipc.address", here + 0));
        // The capacity scheduler would want a file of its own.
        String fifo = "org.apache.hadoop.yarn.server.resourcemanager.scheduler.fifo.FifoScheduler";
        settings(
                "yarn-site.xml",
                Map.ofEntries(
                        Map.entry("yarn.resourcemanager.hostname", "127.0.0.1"),
                        Map.entry("yarn.resourcemanager.scheduler.class", fifo),
                        Map.entry("yarn.resourcemanager.address", here + Servers.freePort()),
                        Map.entry("yarn.resourcemanager.scheduler.address", here + Servers.freePort()),
                        Map.entry("yarn.resourcemanager.resource-tracker.address", here + Servers.freePort()),
                        Map.entry("yarn.resourcemanager.admin.address", here + Servers.freePort()),
                        Map.entry("yarn.resourcemanager.webapp.address", here + 0),
                        Map.entry("yarn.nodemanager.hostname", "127.0.0.1"),
                        Map.entry("yarn.nodemanager.address", here + 0),
                        Map.entry("yarn.nodemanager.localizer.address", here + Servers.freePort()),
                        Map.entry("yarn.nodemanager.webapp.address", here + 0),
                        Map.entry("yarn.nodemanager.log-dirs", folder + "/containers"),
                        Map.entry("yarn.nodemanager.resource.memory-mb", "6000"),
                        Map.entry("yarn.scheduler.minimum-allocation-mb", "128"),
                        Map.entry("yarn.nodemanager.vmem-check-enabled", "false"),
                        Map.entry("yarn.nodemanager.disk-health-checker.enable", "false")));
        if (daemon("hdfs", "namenode.NameNode", "-format").waitFor() != 0) {
            throw new IOException(Files.readString(folder.resolve("NameNode.log")));
        }
        daemons.add(daemon("hdfs", "namenode.NameNode"));
        daemons.add(daemon("hdfs", "datanode.DataNode"));
        daemons.add(daemon("yarn", "resourcemanager.ResourceManager"));
        daemons.add(daemon("yarn", "nodemanager.NodeManager"));
        awaitData();
    }

    private void settings(String file, Map<String, String> values) throws IOException {
        Configuration own = new Configuration(false);
        values.forEach(own::set);
        values.forEach(client::set);
        try (OutputStream out = Files.newOutputStream(conf.resolve(file))) {
            own.writeXml(out);
        }
    }

    private Process daemon(String system, String name, String... arguments) throws IOException {
        String classPath = String.join(
                File.pathSeparator,
                conf.toString(),
                Servers.fetched("hadoop-client-minicluster"),
                Servers.fetched("bcprov-jdk18on"),
                Servers.fetched("bcutil-jdk18on"),
                Servers.fetched("bcpkix-jdk18on"),
                System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                SERVER.formatted(system, name)));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        // Containers are started with it.
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder.redirectErrorStream(true)
                .redirectOutput(
                        folder.resolve(name.replaceFirst(".*\\.", "") + ".log").toFile())
                .start();
    }

    private void awaitData() throws IOException, InterruptedException {
        client.set("ipc.client.connect.max.retries", "0");
        IOException last = null;
        for (int attempt = 0; attempt < 120; attempt++) {
            try {
                write("/ready", "yes");
                return;
            } catch (IOException e) {
                last = e;
                TimeUnit.MILLISECONDS.sleep(500);
            }
        }
        throw last;
    }

    public void write(String path, String text) throws IOException {
        try (OutputStream out = files().create(new org.apache.hadoop.fs.Path(path), true)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    public FileSystem files() throws IOException {
        return FileSystem.get(client);
    }

    /** Of the name node. */
    public String address() {
        return client.get("fs.defaultFS");
    }

    /** The folder for {@code HADOOP_CONF_DIR}. */
    public Path conf() {
        return conf;
    }

    @Override
    public void close() {
        daemons.forEach(Process::destroyForcibly);
    }
}
