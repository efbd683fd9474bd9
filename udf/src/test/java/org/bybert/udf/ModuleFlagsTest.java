package org.bybert.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

/** The tests run under the JVM flags that Spark's launcher gives to drivers and executors. */
class ModuleFlagsTest {

    @Test
    void thisJvmHasEveryFlagOfSparksLauncher() {
        List<String> missing = new ArrayList<>(Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()));
        missing.removeAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        assertEquals(
                List.of(),
                missing.stream().filter(flag -> !flag.startsWith("-XX:+Ignore")).toList(),
                "add them to spark.module.flags in the parent pom.xml");
    }
}
