package org.bybert.encoder.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Golden;
import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelChoiceTest {

    private static final String MODULE_FLAG = "--add-modules=jdk.incubator.vector";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "Scalar", "avx2", "vector-64", "vector-1024"})
    void anUnknownValueIsAnErrorThatListsTheKnownOnes(String value) {
        String message = assertThrows(ModelException.class, () -> KernelChoice.choose(value))
                .getMessage();
        assertTrue(message.contains("bybert.kernels"), message);
        assertTrue(message.contains("scalar, vector, vector-128, vector-256, vector-512"), message);
        assertTrue(message.contains('"' + value + '"'), message);
    }

    @Test
    void scalarCanBeForced() {
        assertEquals("scalar", KernelChoice.choose("scalar").name());
    }

    @Test
    @EnabledIf("org.bybert.encoder.KernelSets#vectorModulePresent")
    void withTheModuleVectorKernelsAreTheDefault() {
        assertTrue(
                KernelChoice.choose(null).name().matches("vector-\\d+"),
                KernelChoice.choose(null).name());
        assertEquals(
                KernelChoice.choose(null).name(), KernelChoice.choose("vector").name());
    }

    @Test
    void withoutTheModuleScalarKernelsWorkAfterOneWarningThatNamesTheFlag() throws Exception {
        ChildJvm.Result child = ChildJvm.embed(folder);
        assertEquals(0, child.status(), child.toString());
        assertTrue(child.lines().contains("kernels scalar"), child.toString());
        List<String> warnings =
                child.lines().stream().filter(line -> line.contains("WARN")).toList();
        assertEquals(1, warnings.size(), child.toString());
        assertTrue(warnings.get(0).contains(MODULE_FLAG), warnings.toString());
        assertSameVector(child);
    }

    @Test
    void withoutTheModuleForcedScalarKernelsWarnOfNothing() throws Exception {
        ChildJvm.Result child = ChildJvm.embed(folder, "-Dbybert.kernels=scalar");
        assertEquals(0, child.status(), child.toString());
        assertEquals(2, child.lines().size(), child.toString());
        assertSameVector(child);
    }

    @Test
    void withoutTheModuleForcedVectorKernelsAreAnErrorThatNamesTheFlag() throws Exception {
        ChildJvm.Result child = ChildJvm.embed(folder, "-Dbybert.kernels=vector-256");
        assertNotEquals(0, child.status(), child.toString());
        assertTrue(child.lines().stream().anyMatch(line -> line.contains(MODULE_FLAG)), child.toString());
    }

    @Test
    void anUnknownPropertyEndsTheJvmWithTheKnownValues() throws Exception {
        ChildJvm.Result child = ChildJvm.embed(folder, "-Dbybert.kernels=sclar");
        assertNotEquals(0, child.status(), child.toString());
        assertTrue(
                child.lines().stream().anyMatch(line -> line.contains("vector-512") && line.contains("sclar")),
                child.toString());
    }

    @Test
    void anUnknownPropertyIsTheSameErrorOnEveryCall() throws Exception {
        ChildJvm.Result child = ChildJvm.embed(folder, "-Dbybert.kernels=avx2", "-Dtwice=true");
        List<String> errors =
                child.lines().stream().filter(line -> line.startsWith("error ")).toList();
        assertEquals(2, errors.size(), child.toString());
        assertEquals(errors.get(0), errors.get(1));
        assertTrue(
                errors.get(0)
                        .startsWith("error " + ModelException.class.getName() + ": system property "
                                + "bybert.kernels: expected one of [scalar, vector, vector-128, vector-256, vector-512], found \"avx2\" "
                                + "(host "),
                errors.get(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:TieredStopAtLevel=1", "-Xint"})
    void withoutC2ScalarKernelsWorkAfterOneWarningThatNamesTheFlag(String flag) throws Exception {
        ChildJvm.Result child = ChildJvm.embed(folder, MODULE_FLAG, flag);
        assertEquals(0, child.status(), child.toString());
        assertTrue(child.lines().contains("kernels scalar"), child.toString());
        List<String> warnings =
                child.lines().stream().filter(line -> line.contains("WARN ")).toList();
        assertEquals(1, warnings.size(), child.toString());
        assertTrue(warnings.get(0).contains(flag) && warnings.get(0).contains("bybert.kernels"), warnings.toString());
        assertSameVector(child);
    }

    @Test
    void withoutC2VectorKernelsCanBeForced() throws Exception {
        ChildJvm.Result child =
                ChildJvm.embed(folder, MODULE_FLAG, "-XX:TieredStopAtLevel=1", "-Dbybert.kernels=vector-128");
        assertTrue(child.lines().contains("kernels vector-128"), child.toString());
        assertTrue(child.lines().stream().noneMatch(line -> line.contains("does without")), child.toString());
        assertSameVector(child);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "OpenJDK 64-Bit Server VM, 'mixed mode, sharing', 4, false, -",
                "Java HotSpot(TM) 64-Bit Server VM, mixed mode, -, -, -",
                "Eclipse OpenJ9 VM, JRE 17 Linux amd64-64-Bit Compressed References, -, -, Eclipse OpenJ9 VM",
                "OpenJDK 64-Bit Client VM, mixed mode, 4, -, Client VM",
                "OpenJDK 64-Bit Server VM, interpreted mode, 4, false, -Xint",
                "OpenJDK 64-Bit Server VM, mixed mode, 3, false, -XX:TieredStopAtLevel=3",
                "OpenJDK 64-Bit Server VM, 'mixed mode, emulated-client', 4, false, -XX:CompilationMode",
                "OpenJDK 64-Bit Server VM, mixed mode, 4, true, -XX:+UseJVMCICompiler"
            })
    void onlyC2CompilesVectors(String name, String mode, String level, String jvmci, String obstacle) {
        String found = KernelChoice.obstacle(
                property -> property.equals("java.vm.name") ? name : mode,
                flag -> flag.equals("TieredStopAtLevel") ? level : jvmci);
        assertTrue(obstacle == null ? found == null : found.contains(obstacle), () -> "found " + found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vector-128", "vector-256", "vector-512"})
    void everyForcedWidthComputesTheSame(String kernels) throws Exception {
        ChildJvm.Result child = ChildJvm.embed(folder, MODULE_FLAG, "-Dbybert.kernels=" + kernels);
        assertEquals(0, child.status(), child.toString());
        assertTrue(child.lines().contains("kernels " + kernels), child.toString());
        assertSameVector(child);
    }

    /** As on JVMs that bring the module but no compiler support for it. */
    @Test
    void aJvmThatPrefersVectorsOf64BitsComputesTheSame() throws Exception {
        ChildJvm.Result child =
                ChildJvm.embed(folder, MODULE_FLAG, "-XX:+IgnoreUnrecognizedVMOptions", "-XX:MaxVectorSize=8");
        assertEquals(0, child.status(), child.toString());
        assertSameVector(child);
    }

    private static void assertSameVector(ChildJvm.Result child) {
        ByBert scalar = ByBert.open(Golden.folder("utf8-bf16"), Map.of(), null, new ScalarKernels());
        assertArrayEquals(ChildJvm.embed(scalar), child.vector(), 1e-5f);
    }
}
