package org.bybert.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MainTest {

    @Test
    void helpNamesTheCommands() {
        Commands.Result result = Commands.run("--help");
        assertEquals(0, result.exit());
        assertTrue(result.out().contains("evaluate"), result.out());
        assertTrue(Commands.run("evaluate", "--help").out().contains("--mask-rate"));
    }

    @Test
    void wrongUsageIsExitCodeTwoAndOneLine() {
        for (List<String> arguments : List.of(
                List.<String>of(),
                List.of("evaluat"),
                List.of("evaluate", "--bogus"),
                List.of("evaluate", "--model", Commands.model(), "--data", "no-equals-sign"),
                List.of("evaluate", "--model", Commands.model(), "--data", "a=x.txt", "--data", "a=y.txt"),
                List.of("evaluate", "--model", Commands.model(), "--data", "a=x.txt", "--mask-rate", "0"),
                List.of("evaluate", "--model", Commands.model(), "--data", "a=x.txt", "--unit", "line"))) {
            Commands.Result result = Commands.run(arguments.toArray(String[]::new));
            assertEquals(2, result.exit(), arguments + result.out());
            assertEquals(1, result.out().lines().count(), result.out());
            assertTrue(result.out().startsWith("bybert: "), result.out());
        }
    }
}
