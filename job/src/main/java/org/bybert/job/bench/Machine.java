package org.bybert.job.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Where a measurement took place.
 *
 * @param cpu        as the operating system names it, or the architecture
 * @param processors that the JVM may use
 * @param java       version and vendor of the JVM
 * @param heap       largest heap in bytes
 */
public record Machine(String cpu, int processors, String java, long heap) {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    public static Machine here() {
        return new Machine(cpuName(), Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vm.version") + ' ' + System.getProperty("java.vendor"),
                Runtime.getRuntime().maxMemory());
    }

    private static String cpuName() {
        if (Files.isReadable(CPU_INFO)) {
            try (Stream<String> lines = Files.lines(CPU_INFO)) {
                return lines.filter(line -> line.startsWith("model name")).findFirst()
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .orElse(System.getProperty("os.arch"));
            } catch (IOException | UncheckedIOException e) {
                return System.getProperty("os.arch");
            }
        }
        return System.getProperty("os.arch");
    }
}
