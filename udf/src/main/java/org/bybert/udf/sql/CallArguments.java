package org.bybert.udf.sql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedArgumentExpression;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.MapType;
import org.bybert.udf.sql.Setting.Given;
import scala.runtime.BoxedUnit;

/** The arguments of a call by name, as SQL's rules for positional and named arguments have them. */
final class CallArguments {

    private static final String TEXT = "text";

    private final Map<String, Expression> values = new LinkedHashMap<>();

    /** @throws IllegalArgumentException where they are not what the function takes */
    CallArguments(SqlFunction function, List<Expression> arguments) {
        List<String> positional = new ArrayList<>(List.of(TEXT));
        positional.addAll(Setting.keys(function.positional));
        List<String> known = new ArrayList<>(positional);
        known.addAll(Setting.keys(function.options));
        boolean named = false;
        for (int i = 0; i < arguments.size(); i++) {
            Expression argument = arguments.get(i);
            if (argument instanceof NamedArgumentExpression option) {
                named = true;
                put(option.key().toLowerCase(Locale.ROOT), option.value(), known);
            } else if (named) {
                throw new IllegalArgumentException("argument " + (i + 1) + " has no name, but one before it has");
            } else if (i >= positional.size()) {
                throw new IllegalArgumentException("expected " + positional + " by position, found " + arguments.size()
                        + " arguments; give options by name, e.g. " + function.options.get(0).key + " => …");
            } else {
                put(positional.get(i), argument, known);
            }
        }
        for (String name : positional) {
            if (!values.containsKey(name)) {
                throw new IllegalArgumentException("argument " + name + " is missing; expected " + positional);
            }
        }
    }

    private void put(String name, Expression value, List<String> known) {
        if (!known.contains(name)) {
            throw new IllegalArgumentException("unknown argument " + name + "; known are " + known);
        }
        if (values.put(name, value) != null) {
            throw new IllegalArgumentException("argument " + name + " is given twice");
        }
    }

    Expression text() {
        return values.get(TEXT);
    }

    boolean has(Setting setting) {
        return values.containsKey(setting.key);
    }

    Given get(Setting setting) {
        return new Given("argument " + setting.key, constant(setting).toString());
    }

    Map<String, String> map(Setting setting) {
        if (!(constant(setting) instanceof MapData map
                && values.get(setting.key).dataType() instanceof MapType type)) {
            throw new IllegalArgumentException("argument " + setting.key + ": expected a map, found "
                    + values.get(setting.key).sql());
        }
        Map<String, String> result = new TreeMap<>();
        map.foreach(type.keyType(), type.valueType(), (key, value) -> {
            result.put(String.valueOf(key), String.valueOf(value));
            return BoxedUnit.UNIT;
        });
        return result;
    }

    private Object constant(Setting setting) {
        Expression expression = values.get(setting.key);
        boolean replaced = expression.exists(e -> e instanceof RuntimeReplaceable);
        Object value = expression.foldable() && !replaced ? expression.eval(null) : null;
        if (value == null) {
            throw new IllegalArgumentException("argument " + setting.key + ": expected a constant, found "
                    + expression.sql());
        }
        return value;
    }
}
