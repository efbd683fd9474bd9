package org.bybert.udf.sql;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;

/** What {@code DESCRIBE FUNCTION EXTENDED} prints. */
final class FunctionInfo {

    /** Spark's word for functions that a Java or Scala program brings. */
    static final String SOURCE = "scala_udf";

    private FunctionInfo() {
    }

    static ExpressionInfo of(SqlFunction function) {
        return new ExpressionInfo(ByBertExtensions.class.getName(), null, function.sqlName(), usage(function),
                arguments(function), "\n    Examples:\n      > SELECT " + function.sqlName() + "(" + function.example()
                + ");\n  ", "", "misc_funcs", "4.0.0", "", SOURCE);
    }

    private static String usage(SqlFunction function) {
        List<String> arguments = new ArrayList<>(List.of("text"));
        arguments.addAll(Setting.keys(function.positional()));
        arguments.add("option => value, …");
        return function.sqlName() + "(" + String.join(", ", arguments) + ") - " + function.usage();
    }

    private static String arguments(SqlFunction function) {
        StringBuilder text = new StringBuilder("\n    Arguments:\n      * text - a string\n");
        function.positional().forEach(setting -> append(text, setting, ""));
        function.options().forEach(setting -> append(text, setting, setting == Setting.MODEL_OPTIONS
                ? "; without a model here: " + SessionSettings.PREFIX + "model.option.NAME"
                : "; without it: " + SessionSettings.PREFIX + setting.key()));
        return text.append("  ").toString();
    }

    private static void append(StringBuilder text, Setting setting, String more) {
        text.append("      * ").append(setting.key()).append(" - ").append(setting.description()).append(more)
                .append('\n');
    }
}
