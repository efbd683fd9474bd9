package org.bybert.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.bybert.job.terminal.UserError;
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

    /** What the JVM of a locale without UTF-8 makes of an argument is another text, and must not be scored. */
    @Test
    void destroyedArgumentsAreRefused() {
        String text = "日本<mask>";
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        for (Charset locale : List.of(StandardCharsets.US_ASCII, StandardCharsets.ISO_8859_1)) {
            String[] arguments = {"fill-mask", "--text", new String(utf8, locale)};
            UserError refused = assertThrows(UserError.class, () -> Main.checkArguments(arguments, locale));
            assertEquals(2, refused.exit());
            assertTrue(refused.getMessage().startsWith("argument 3: expected UTF-8, found"), refused.getMessage());
            assertEquals(1, refused.getMessage().lines().count());
        }
        assertThrows(UserError.class, () -> Main.checkArguments(new String[] {"\uD800"}, StandardCharsets.UTF_8));
        Main.checkArguments(new String[] {"--text", text, "😀"}, StandardCharsets.UTF_8);
        Main.checkArguments(new String[] {"--text", text}, Charset.forName("EUC-JP"));
        Main.checkArguments(new String[] {"--text", "ascii"}, StandardCharsets.US_ASCII);
    }
}
