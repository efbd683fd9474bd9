package org.bybert.job.terminal;

import java.util.Locale;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say what is masked as a whole and how words are cut, the same for every command that masks. */
public final class WordOptions {

    @Option(
            names = "--unit",
            paramLabel = "UNIT",
            description = "What is masked as a whole: word, char or byte (default: word).")
    private Unit unit;

    @Option(
            names = "--segmenter",
            paramLabel = "SEGMENTER",
            description =
                    "How words are cut: unidic (UniDic 2.1.2 by Kuromoji) or mecab:DIR, a dictionary that MeCab has "
                            + "compiled, such as UniDic 3.1.1: a folder at the same path on all hosts, a path with a scheme "
                            + "(hdfs://, s3a://), or NAME with --archives FILE.zip#NAME (default: unidic).")
    private String segmenter;

    @Option(
            names = "--join-digits",
            paramLabel = "on|off",
            defaultValue = "on",
            description = "on: runs of digits, and runs of letters of one script, are one word; off: both stay as the "
                    + "segmenter cuts them (default: ${DEFAULT-VALUE}).")
    private Switch joinDigits;

    private enum Switch {
        ON,
        OFF
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** Null where it is not given. */
    public Unit unit() {
        return unit;
    }

    /**
     * @param used what is masked as a whole
     * @throws ParameterException where there is no such segmenter, or no word to cut
     */
    public SegmenterReference segmenter(Unit used) {
        if (segmenter != null && used != Unit.WORD) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--segmenter: cuts words, but --unit is " + used.name().toLowerCase(Locale.ROOT)
                            + "; leave one of the two out");
        }
        try {
            return new SegmenterReference(
                    segmenter == null ? SegmenterReference.DEFAULT.name() : segmenter, joinDigits == Switch.ON);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--segmenter: " + e.getMessage(), e);
        }
    }
}
