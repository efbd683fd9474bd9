package org.bybert.job.data;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say how data is read, the same for every command that reads a data set. */
public final class DataOptions {

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "parquet, orc, jsonl, json, csv, tsv, text, mecab, wakati (words with spaces between them, a row "
                            + "per line) or table (default: by the names of the files).")
    private DataFormat format;

    @Option(
            names = "--encoding",
            paramLabel = "NAME",
            description = "Character set of text files: windows-31j (CP932), Shift_JIS, EUC-JP, UTF-16, ... "
                    + "(default: UTF-8).")
    private String encoding;

    @Option(
            names = "--delimiter",
            paramLabel = "CHAR",
            description =
                    "What stands between the values of a CSV file, e.g. ';' or '\\t' (default: a comma; in .tsv a "
                            + "tab).")
    private String delimiter;

    @Option(
            names = "--text-column",
            paramLabel = "NAME",
            description = "Column with the text, also one inside a struct, doc.body (default: text; value for text "
                    + "files).")
    private String textColumn;

    @Option(
            names = "--text-expr",
            paramLabel = "SQL",
            description = "Spark SQL expression that yields the text, instead of a column.")
    private String textExpression;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** @throws ParameterException where column and expression are both given */
    public Columns columns(String id) {
        if (textColumn != null && textExpression != null) {
            throw new ParameterException(spec.commandLine(), "--text-column and --text-expr exclude each other");
        }
        return new Columns(textColumn, textExpression, id);
    }

    /** @throws ParameterException where a value is none */
    public Reading reading() {
        if (delimiter != null && !delimiter.equals("\\t") && delimiter.length() != 1) {
            throw new ParameterException(
                    spec.commandLine(), "--delimiter: expected one character or \\t, found \"" + delimiter + '"');
        }
        try {
            TextDecoder.charset(encoding);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--encoding: " + e.getMessage(), e);
        }
        return new Reading(
                format,
                encoding,
                delimiter == null ? null : delimiter.equals("\\t") ? Character.valueOf('\t') : delimiter.charAt(0));
    }
}
