package org.bybert.udf.ml;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.ml.param.Param;

/** Constants of an enum as the values of a parameter. */
final class Names {

    private Names() {
    }

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static List<String> of(Class<? extends Enum<?>> type) {
        return Arrays.stream(type.getEnumConstants()).map(Names::of).toList();
    }

    /** @throws IllegalArgumentException naming the parameter, what was expected and what was found */
    static <E extends Enum<E>> E value(Param<String> param, String name, Class<E> type) {
        return Arrays.stream(type.getEnumConstants()).filter(constant -> of(constant).equalsIgnoreCase(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(param.parent() + ": " + param.name()
                        + ": expected one of " + of(type) + ", found \"" + name + '"'));
    }
}
