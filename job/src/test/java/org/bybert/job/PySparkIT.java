package org.bybert.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python modules of the job jar: run where there is a PySpark, else compiled where there is a Python. */
class PySparkIT {

    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final String PYTHON =
            Optional.ofNullable(System.getenv("PYSPARK_PYTHON")).orElse("python3");

    @TempDir
    Path folder;

    private record Run(int exit, String out) {}

    private static Run run(Path folder, Path sparkHome, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder == null ? null : folder.toFile())
                .redirectErrorStream(true);
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        if (sparkHome != null) {
            builder.environment().put("SPARK_HOME", sparkHome.toString());
        }
        try {
            Process process = builder.start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Run(process.waitFor(), out);
        } catch (IOException e) {
            return new Run(127, e.toString());
        }
    }

    /** A Spark distribution, or what pip installed, which is one too. */
    private static Path sparkHome() throws IOException, InterruptedException {
        String home = System.getenv("SPARK_HOME");
        if (home != null && Files.isDirectory(Path.of(home, "python", "pyspark"))) {
            return Path.of(home);
        }
        Run found = run(null, null, PYTHON, "-c", "import pyspark; print(pyspark.__path__[0])");
        return found.exit() == 0 ? Path.of(found.out().strip()) : null;
    }

    @Test
    void functionsAndStagesInPySpark() throws Exception {
        Path home = sparkHome();
        assumeTrue(home != null, "no PySpark here: neither SPARK_HOME/python nor " + PYTHON + " -c 'import pyspark'");
        assumeTrue(
                run(null, null, PYTHON, "-c", "import numpy").exit() == 0,
                PYTHON + " has no numpy, as pyspark.ml needs");
        String jar = TARGET.resolve("bybert.jar").toString();
        Files.createSymbolicLink(folder.resolve("data-samples"), Commands.samples());
        Run trial = run(
                folder,
                home,
                home.resolve("bin/spark-submit").toString(),
                "--master",
                "local[2]",
                "--conf",
                "spark.ui.enabled=false",
                "--jars",
                jar,
                "--py-files",
                jar,
                TARGET.resolve("test-classes/pyspark_trial.py").toString(),
                Commands.samples().resolve("bybert-jp-mini").toString(),
                folder.toString(),
                Commands.samples().resolveSibling("README.md").toString());
        assertEquals(0, trial.exit(), trial.out());
        System.out.println(
                trial.out().substring(trial.out().indexOf("tried in PySpark")).strip());
    }

    @Test
    void theModulesCompile() throws Exception {
        assumeTrue(run(null, null, PYTHON, "--version").exit() == 0, "no " + PYTHON + " here");
        Run compiled =
                run(null, null, PYTHON, "-c", """
                import sys, zipfile
                jar = zipfile.ZipFile(sys.argv[1])
                for name in "bybert/functions.py", "org/bybert/udf/ml.py":
                    compile(jar.read(name), name, "exec", dont_inherit=True)
                """, TARGET.resolve("bybert.jar").toString());
        assertEquals(0, compiled.exit(), compiled.out());
    }
}
