package org.bybert.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.job.evaluate.EvaluationTable.Results;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.job.metrics.SetMetrics.Accuracy;
import org.bybert.job.metrics.SetMetrics.Passes;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class EvaluationTableTest {

    private static SetMetrics set(String name, long correct, long correctBytes) {
        return new SetMetrics(
                name,
                10,
                9,
                1,
                0,
                new TreeMap<>(),
                new Accuracy(1000, correct, correct / 1000.0 - 0.01, correct / 1000.0 + 0.01),
                new Accuracy(4000, correctBytes, correctBytes / 4000.0 - 0.01, correctBytes / 4000.0 + 0.01),
                null,
                null);
    }

    private static EvaluationTable table(Map<String, Preset.Value> published) {
        return new EvaluationTable(
                "model_1",
                "word",
                true,
                1,
                List.of(42L),
                List.of(
                        new Results("cnt", List.of(set("wiki", 500, 3000))),
                        new Results("to 1000", List.of(set("港", 0, 1000)))),
                published);
    }

    @Test
    void papersHaveALineForAModel() {
        assertEquals(
                """
                % accuracy per word / byte in percent
                \\begin{tabular}{lcc}
                \\toprule
                model & wiki-cnt & 港-to 1000 \\\\
                \\midrule
                model\\_1 & 50.0 / 75.0 & 0.0 / 25.0 \\\\
                \\quad published & 55.4 / -- & -- / -- \\\\
                \\bottomrule
                \\end{tabular}
                """,
                table(Map.of("wiki cnt word", new Preset.Value("55.4", "a paper", true)))
                        .latex());
    }

    @Test
    void programsReadALineForEachUnit() {
        assertEquals("""
                set,texts,seed,examples,excluded,failed,passes,rows_read,unit,masked,correct,accuracy,low,high,published
                wiki,cnt,42,9,1,0,1,9,word,1000,500,0.5,0.49,0.51,
                wiki,cnt,42,9,1,0,1,9,byte,4000,3000,0.75,0.74,0.76,
                港,to 1000,42,9,1,0,1,9,word,1000,0,0.0,-0.01,0.01,
                港,to 1000,42,9,1,0,1,9,byte,4000,1000,0.25,0.24,0.26,
                """, table(Map.of()).csv());
    }

    @Test
    void severalPassesStandBesideTheOne() {
        SetMetrics one = set("wiki", 500, 3000);
        SetMetrics both = new SetMetrics(
                "wiki",
                10,
                9,
                1,
                0,
                new TreeMap<>(),
                one.units(),
                one.bytes(),
                null,
                new Passes(20, new Accuracy(1000, 600, 0.59, 0.61), new Accuracy(4000, 3200, 0.79, 0.81)));
        EvaluationTable table = new EvaluationTable(
                "model",
                "word",
                false,
                4,
                List.of(42L),
                List.of(new Results("all", List.of(both))),
                Map.of("wiki all word", new Preset.Value("55.4", "a paper", true)));
        assertEquals(
                List.of(
                        "wiki,all,42,9,1,0,1,9,word,1000,500,0.5,0.49,0.51,55.4",
                        "wiki,all,42,9,1,0,1,9,byte,4000,3000,0.75,0.74,0.76,",
                        "wiki,all,42,9,1,0,4,20,word,1000,600,0.6,0.59,0.61,",
                        "wiki,all,42,9,1,0,4,20,byte,4000,3200,0.8,0.79,0.81,"),
                table.csv().lines().skip(1).toList());
        assertTrue(
                table.latex()
                        .contains(
                                "model & 50.0 / 75.0 \\\\\n\\quad 4 passes & 60.0 / 80.0 \\\\\n\\quad published & 55.4 / --"),
                table.latex());
        assertTrue(
                table.markdown().endsWith("| wiki | all | 4 | 20 | 2.22 | 60.0 % | 59.0-61.0 | 80.0 % | 79.0-81.0 |\n"),
                table.markdown());
    }

    @Test
    void markdownHasTheCellsOfTheTerminal() {
        List<String> lines = table(Map.of()).markdown().lines().toList();
        assertEquals(
                "| set | texts | examples | words masked | word accuracy | 95 % CI | bytes masked | byte accuracy | "
                        + "95 % CI | excluded | failed |",
                lines.get(0));
        assertEquals("| --- | --- |" + " ---: |".repeat(9), lines.get(1));
        assertEquals(
                "| wiki | cnt | 9 | 1,000 | 50.0 % | 49.0-51.0 | 4,000 | 75.0 % | 74.0-76.0 | 1 | 0 |", lines.get(2));
    }

    @Test
    void barsAreColouredOnATerminalAlone() {
        String plain = table(Map.of()).bars(Ansi.OFF);
        assertEquals(
                "wiki cnt    " + "█".repeat(20) + "░".repeat(20) + "  50.0 %\n" + "港 to 1000  " + "░".repeat(40)
                        + "  0.0 %\n",
                plain);
        assertFalse(plain.contains("\u001b"));
        String painted = table(Map.of()).bars(Ansi.ON);
        assertTrue(painted.contains("\u001b[32m█"), painted);
        assertEquals(plain, painted.replaceAll("\u001b\\[[0-9;]*m", ""));
    }
}
