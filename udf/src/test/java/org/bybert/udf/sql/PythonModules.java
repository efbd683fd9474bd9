package org.bybert.udf.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.bybert.udf.ml.ByBertEmbedder;
import org.bybert.udf.ml.ByBertFillMask;

/**
 * Writes the modules for PySpark from the functions, the options and the parameters that Java has. Run {@code main} in
 * the folder of {@code udf} after a change; PythonModulesTest compares the files with what this writes.
 */
final class PythonModules {

    static final Path FUNCTIONS = Path.of("src/main/resources/bybert/functions.py");
    static final Path STAGES = Path.of("src/main/resources/org/bybert/udf/ml.py");

    private static final int WIDTH = 100;

    private PythonModules() {}

    public static void main(String[] args) throws IOException {
        Files.writeString(FUNCTIONS, functions());
        Files.writeString(STAGES, stages());
    }

    static String functions() {
        return """
                \"""The SQL functions of byBERT-JP for PySpark, classic or Connect.

                    from bybert import functions as B
                    df.select(B.embed("text", pooling="cls", normalize=True))

                They are those of the session: start it with spark.sql.extensions=org.bybert.udf.sql.ByBertExtensions.
                Arguments but the text are constants; for those left out the session's keys hold (spark.bybert.pooling).
                Written by PythonModules, of the tests of org.bybert.udf.
                \"""
                from pyspark.sql import functions as F
                from pyspark.sql.column import Column
                from pyspark.sql.utils import is_remote


                def _constant(value):
                    if isinstance(value, dict):
                        return F.create_map(*[F.lit(part) for pair in value.items() for part in pair])
                    if isinstance(value, (list, tuple)):
                        return F.array(*[F.lit(part) for part in value])
                    return F.lit(value)


                def _named(name, value):
                    if is_remote():
                        from pyspark.sql.connect.column import Column as ConnectColumn
                        from pyspark.sql.connect.expressions import NamedArgumentExpression

                        return ConnectColumn(NamedArgumentExpression(name, value._expr))
                    from pyspark import SparkContext

                    python_utils = SparkContext._active_spark_context._jvm.PythonSQLUtils
                    return Column(python_utils.namedArgumentExpression(name, value._jc))


                def _call(function, *arguments, **options):
                    given = [_named(name, _constant(value)) for name, value in options.items() if value is not None]
                    return F.call_function(function, *arguments, *given)
                """
                + Arrays.stream(SqlFunction.values())
                        .map(PythonModules::function)
                        .collect(Collectors.joining());
    }

    private static String function(SqlFunction function) {
        List<String> positional = new ArrayList<>(function.takesText() ? List.of("text") : List.of());
        positional.addAll(Setting.keys(function.positional));
        List<String> options = Setting.keys(function.options);
        String constants = Setting.keys(function.positional).stream()
                .map(name -> ", _constant(" + name + ")")
                .collect(Collectors.joining());
        StringBuilder out = new StringBuilder("\n\n");
        lines(
                out,
                "def " + function.sqlName.replace("bybert_", "") + "(",
                Stream.concat(
                                Stream.concat(positional.stream(), Stream.of("*")),
                                options.stream().map(name -> name + "=None"))
                        .collect(Collectors.joining(", ")),
                "):\n");
        out.append("    \"\"\"").append(wrapped(function.usage, "\n    ", 7)).append("\n\n");
        if (function.takesText()) {
            out.append("    text: a column of strings, or its name\n");
        }
        Stream.concat(function.positional.stream(), function.options.stream())
                .forEach(setting -> out.append("    ")
                        .append(wrapped(setting.key + ": " + described(setting), "\n        ", 8))
                        .append('\n'));
        out.append("    \"\"\"\n");
        lines(
                out,
                "    return _call(",
                "\"" + function.sqlName + "\"" + (function.takesText() ? ", text" : "") + constants
                        + options.stream().map(name -> ", " + name + "=" + name).collect(Collectors.joining()),
                ")\n");
        return out.toString();
    }

    private static String described(Setting setting) {
        return setting == Setting.MODEL_OPTIONS
                ? "a dict of values that replace those of the model's JSON files, e.g. {\"byte_encoding\": \"utf-8\"}"
                : setting.description.replace("true", "True").replace("false", "False");
    }

    static String stages() {
        Param<?>[] embedder = new ByBertEmbedder("u").params();
        Param<?>[] fillMask = new ByBertFillMask("u").params();
        List<String> names = names(fillMask);
        List<Param<?>> common =
                Arrays.stream(embedder).filter(p -> names.contains(p.name())).toList();
        return """
                \"""The stages of org.bybert.udf.ml for pipelines of classic PySpark: saved and loaded as Java's are.

                    from org.bybert.udf.ml import ByBertEmbedder
                    stage = ByBertEmbedder(model="/models/bybert", inputCol="text", outputCol="features")

                PySpark finds the module by the name of the Java class when it loads a pipeline.
                Written by PythonModules, of the tests of org.bybert.udf.
                \"""
                from pyspark import keyword_only
                from pyspark.ml.param import Param, Params, TypeConverters
                from pyspark.ml.util import JavaMLReadable, JavaMLWritable
                from pyspark.ml.wrapper import JavaTransformer


                def _param(name, convert, doc):
                    return Param(Params._dummy(), name, doc, convert)


                class _Transformer(JavaTransformer, JavaMLReadable, JavaMLWritable):
                """ + declarations(common) + """

                    def __init__(self, params):
                        super().__init__()
                        name = "org.bybert.udf.ml." + type(self).__name__
                        try:
                            self._java_obj = self._new_java_obj(name, self.uid)
                        except TypeError as e:
                            raise RuntimeError(
                                name + " is not on Spark's class path: start PySpark with --jars bybert.jar"
                            ) from e
                        self._setDefault(modelOptions=[])
                        self._transfer_params_from_java()
                        self._set(**params)
                """ + setters(common) + stage("ByBertEmbedder", """
                        Embeds texts: a vector of Spark's type, or with outputType "array" an array<float>.""", embedder, common)
                + stage("ByBertFillMask", """
                        Fills the masks of texts; scoreCol receives the geometric mean of the probabilities.""", fillMask, common);
    }

    private static String stage(String name, String usage, Param<?>[] params, List<Param<?>> common) {
        List<String> inherited = common.stream().map(Param::name).toList();
        List<Param<?>> own = Arrays.stream(params)
                .filter(param -> !inherited.contains(param.name()))
                .toList();
        StringBuilder out = new StringBuilder("\n\nclass " + name + "(_Transformer):\n    \"\"\"" + usage + "\"\"\"\n\n"
                + declarations(own) + "\n    @keyword_only\n");
        lines(
                out,
                "    def __init__(",
                names(params).stream().map(param -> param + "=None").collect(Collectors.joining(", ", "self, *, ", "")),
                "):\n");
        return out + "        super().__init__(self._input_kwargs)\n" + setters(own);
    }

    private static List<String> names(Param<?>[] params) {
        return Arrays.stream(params).map(Param::name).toList();
    }

    private static String declarations(List<Param<?>> params) {
        StringBuilder out = new StringBuilder();
        for (Param<?> param : params) {
            String convert = param instanceof BooleanParam
                    ? "toBoolean"
                    : param instanceof IntParam
                            ? "toInt"
                            : param instanceof StringArrayParam ? "toListString" : "toString";
            out.append("    " + param.name() + " = _param(\n        \"" + param.name() + "\",\n        TypeConverters."
                    + convert + ",\n        \"" + wrapped(param.doc().replace("\"", "\\\""), " \"\n        \"", 11)
                    + "\",\n    )\n");
        }
        return out.toString();
    }

    private static String setters(List<Param<?>> params) {
        return params.stream()
                .map(Param::name)
                .map(name -> "\n    def set" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1)
                        + "(self, value):\n        return self._set(" + name + "=value)\n")
                .collect(Collectors.joining());
    }

    /** A statement on one line, or what is within its parentheses on lines of its own. */
    private static void lines(StringBuilder out, String head, String content, String tail) {
        String line = head + content + tail;
        String indent = " ".repeat(head.length() - head.stripLeading().length());
        String inside = "\n" + indent + "    ";
        out.append(
                line.length() <= WIDTH + 1
                        ? line
                        : head + inside + wrapped(content, inside, inside.length()) + "\n" + indent + tail);
    }

    /**
     * A text on lines that are not too long.
     *
     * @param newline what takes the place of a space
     * @param taken columns of a line that are not the text's
     */
    private static String wrapped(String text, String newline, int taken) {
        StringBuilder out = new StringBuilder();
        int column = taken;
        for (String word : text.split(" ", -1)) {
            boolean fits = column + 1 + word.length() <= WIDTH;
            out.append(out.isEmpty() ? "" : fits ? " " : newline).append(word);
            column = (fits ? column + 1 : taken) + word.length();
        }
        return out.toString();
    }
}
