package org.bybert.udf.mecab;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program itself, where it is installed. */
final class Mecab {

    private Mecab() {}

    /** Skips the test that calls it, where there is no MeCab. */
    static void assumeInstalled() {
        try {
            assumeTrue(
                    new ProcessBuilder("mecab", "--version").start().waitFor() == 0,
                    "mecab does not run here: not compared with it");
        } catch (IOException e) {
            assumeTrue(false, "mecab is not installed (apt-get install mecab unidic-mecab): not compared with it");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The words of each line, joined by spaces, which the lines themselves may hold, too. */
    static List<String> wakati(Path dictionary, List<String> lines, Path folder) throws Exception {
        Path input = Files.write(folder.resolve("lines.txt"), lines);
        Path output = folder.resolve("words.txt");
        Process mecab = new ProcessBuilder(
                        "mecab",
                        "-r",
                        "/dev/null",
                        "-d",
                        dictionary.toString(),
                        "-b",
                        "5000000",
                        "-O",
                        "wakati",
                        "-o",
                        output.toString(),
                        input.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log.txt").toFile())
                .start();
        if (!mecab.waitFor(120, TimeUnit.SECONDS) || mecab.exitValue() != 0) {
            throw new IllegalStateException(Files.readString(folder.resolve("log.txt")));
        }
        return Arrays.asList(Files.readString(output, StandardCharsets.UTF_8).split("\n", -1))
                .subList(0, lines.size());
    }

    /** What {@link #wakati} has for a line. */
    static String wakati(MecabDictionary dictionary, String line) {
        int[] words = dictionary.words(line).places();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words.length; i += 2) {
            text.append(line, words[i], words[i + 1]).append(' ');
        }
        return text.toString();
    }
}
