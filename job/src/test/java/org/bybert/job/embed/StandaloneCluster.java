package org.bybert.job.embed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Spark master and workers of one core each, in JVMs of their own on the loopback interface. */
final class StandaloneCluster implements AutoCloseable {

    private static final String HOST = "127.0.0.1";

    private final Path folder;
    private final int port;
    private final List<Process> processes = new ArrayList<>();
    private final List<Process> workers = new ArrayList<>();

    StandaloneCluster(Path folder, int size) throws IOException, InterruptedException {
        this.folder = folder;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
        try {
            start(
                    "master",
                    "org.apache.spark.deploy.master.Master",
                    "--host",
                    HOST,
                    "--port",
                    String.valueOf(port),
                    "--webui-port",
                    "0");
            awaitPort();
            for (int i = 0; i < size; i++) {
                workers.add(start(
                        "worker" + i,
                        "org.apache.spark.deploy.worker.Worker",
                        "--host",
                        HOST,
                        "--cores",
                        "1",
                        "--memory",
                        "1g",
                        "--webui-port",
                        "0",
                        "--work-dir",
                        folder.resolve("work" + i).toString(),
                        url()));
            }
        } catch (IOException | InterruptedException e) {
            close();
            throw e;
        }
    }

    String url() {
        return "spark://" + HOST + ":" + port;
    }

    private Process start(String name, String main, String... arguments) throws IOException {
        Path sparkHome = Path.of(System.getProperty("bybert.launcher"))
                .getParent()
                .resolve("../target/spark")
                .normalize();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx256m",
                "-cp",
                sparkHome.resolve("jars") + "/*",
                main));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().put("SPARK_HOME", sparkHome.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", HOST);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private void awaitPort() throws IOException, InterruptedException {
        for (int attempt = 0; attempt < 300; attempt++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
        throw new IOException("no master on port " + port);
    }

    /** Kills an executor as the kernel does; returns whether there was one. */
    boolean killExecutor() {
        Optional<ProcessHandle> executor =
                workers.stream().flatMap(StandaloneCluster::executors).findFirst();
        executor.ifPresent(ProcessHandle::destroyForcibly);
        return executor.isPresent();
    }

    /** Kills the first worker that has an executor. */
    boolean killWorker() {
        Optional<Process> worker = workers.stream()
                .filter(process -> executors(process).findAny().isPresent())
                .findFirst();
        worker.ifPresent(process -> {
            workers.remove(process);
            process.destroyForcibly();
        });
        return worker.isPresent();
    }

    private static Stream<ProcessHandle> executors(Process worker) {
        return worker.descendants()
                .filter(process -> process.info()
                        .arguments()
                        .map(arguments -> Arrays.asList(arguments)
                                .contains("org.apache.spark.executor.CoarseGrainedExecutorBackend"))
                        .orElse(false));
    }

    @Override
    public void close() {
        for (Process process : processes) {
            List<ProcessHandle> children = process.descendants().toList();
            process.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
