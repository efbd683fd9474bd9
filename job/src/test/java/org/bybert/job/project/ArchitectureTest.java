package org.bybert.job.project;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.job.Commands;
import org.junit.jupiter.api.Test;

/** Which parts of the project may know which. */
class ArchitectureTest {

    private static final String ROOT = "org.bybert.";
    private static final String VECTOR_ROOM = "org.bybert.encoder.kernel.vector";

    /**
     * The rooms of each module from the door inwards, "" being the module's own package: a room knows none of an
     * earlier line, nor another one of its own.
     */
    private static final Map<String, List<Set<String>>> ROOMS = Map.of(
            "job",
                    List.of(
                            Set.of(""),
                            Set.of("evaluate", "embed", "fillmask", "inspect", "robustness", "score", "bench"),
                            Set.of("model"),
                            Set.of("metrics"),
                            Set.of("data"),
                            Set.of("terminal")),
            "udf",
                    List.of(
                            Set.of("sql", "ml"),
                            Set.of("masked", "stream"),
                            Set.of("batch"),
                            Set.of(""),
                            Set.of("words"),
                            Set.of("source"),
                            Set.of("mecab")),
            "encoder",
                    List.of(
                            Set.of("batch", "detect"),
                            Set.of(""),
                            Set.of("model", "hub"),
                            Set.of("text"),
                            Set.of("checkpoint", "kernel"),
                            Set.of("error")));

    /** What a program with the encoder alone is meant to use. */
    private static final Set<String> PUBLIC = Set.of(
            "org.bybert.encoder", "org.bybert.encoder.batch", "org.bybert.encoder.error", "org.bybert.encoder.text");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.bybert");

    @Test
    void everyModuleIsSeen() {
        assertEquals(
                ROOMS.keySet(), CLASSES.stream().map(ArchitectureTest::module).collect(Collectors.toSet()));
    }

    @Test
    void noPackagesKnowEachOtherInACircle() {
        slices().matching("org.bybert.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void jobKnowsUdfAndUdfKnowsTheEncoder() {
        noClasses()
                .that()
                .resideInAPackage("org.bybert.encoder..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bybert.udf..", "org.bybert.job..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("org.bybert.udf..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bybert.job..")
                .check(CLASSES);
    }

    @Test
    void theEncoderKnowsNoSpark() {
        noClasses()
                .that()
                .resideInAPackage("org.bybert.encoder..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..")
                .check(CLASSES);
    }

    @Test
    void onePackageKnowsTheVectorModule() {
        noClasses()
                .that()
                .resideOutsideOfPackage(VECTOR_ROOM)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage(VECTOR_ROOM)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(VECTOR_ROOM)
                .because("JVMs without the module must load all else")
                .check(CLASSES);
    }

    @Test
    void oneClassOfJobWritesToTheConsole() {
        Set<String> writers = CLASSES.stream()
                .filter(type -> type.getFieldAccessesFromSelf().stream()
                        .map(access -> access.getTarget())
                        .anyMatch(field -> field.getOwner().isEquivalentTo(System.class)
                                && Set.of("out", "err").contains(field.getName())))
                .map(ArchitectureTest::outermost)
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(
                writers.size() <= 1 && writers.stream().allMatch(name -> name.startsWith("org.bybert.job.")),
                "these use System.out or System.err: " + writers);
    }

    @Test
    void roomsKnowOnlyWhatLiesFurtherInwards() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            int from = depth(type);
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getName().startsWith(ROOT)
                            && module(target).equals(module(type))
                            && !room(target).equals(room(type))
                            && depth(target) <= from)
                    .forEach(target -> wrong.add(outermost(type) + " -> " + outermost(target)));
        }
        assertEquals(Set.of(), wrong);
    }

    @Test
    void everyPackageSaysWhatItIs() throws IOException {
        Set<String> silent = new TreeSet<>();
        for (String name : CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet())) {
            Path file = Commands.samples()
                    .resolveSibling(name.split("\\.", -1)[2])
                    .resolve("src/main/java/" + name.replace('.', '/') + "/package-info.java");
            String text = Files.exists(file) ? Files.readString(file) : "";
            boolean internal = name.startsWith("org.bybert.encoder") && !PUBLIC.contains(name);
            if (!text.contains("/**")
                    || internal && !text.toLowerCase(Locale.ROOT).contains("internal")) {
                silent.add(internal ? name + " (internal)" : name);
            }
        }
        assertEquals(Set.of(), silent);
    }

    /** How far inwards the class's room lies. */
    private static int depth(JavaClass type) {
        List<Set<String>> rooms = ROOMS.get(module(type));
        return IntStream.range(0, rooms.size())
                .filter(at -> rooms.get(at).contains(room(type)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no room of " + ArchitectureTest.class.getSimpleName()
                        + ".ROOMS holds " + type.getName() + ": is it one of its own, and how far inwards?"));
    }

    private static String module(JavaClass type) {
        return names(type).findFirst().orElseThrow();
    }

    private static String room(JavaClass type) {
        return names(type).skip(1).findFirst().orElse("");
    }

    private static Stream<String> names(JavaClass type) {
        return Stream.of(type.getPackageName().substring(ROOT.length()).split("\\.", -1));
    }

    private static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type.getName());
    }
}
