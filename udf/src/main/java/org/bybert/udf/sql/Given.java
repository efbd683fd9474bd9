package org.bybert.udf.sql;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A value that somebody gave.
 *
 * @param origin where, for messages: an argument or a key of the session
 */
record Given(String origin, String value) {

    IllegalArgumentException refused(String expected) {
        return new IllegalArgumentException(origin + ": expected " + expected + ", found '" + value + "'");
    }

    <E extends Enum<E>> E oneOf(Class<E> type) {
        List<E> values = Arrays.asList(type.getEnumConstants());
        return values.stream().filter(v -> v.name().equalsIgnoreCase(value.strip())).findFirst()
                .orElseThrow(() -> refused(values.toString().toLowerCase(Locale.ROOT)));
    }

    boolean bool() {
        return switch (value.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw refused("true or false");
        };
    }

    int integer() {
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw refused("a whole number");
        }
    }

    long longInteger() {
        try {
            return Long.parseLong(value.strip());
        } catch (NumberFormatException e) {
            throw refused("a whole number of 64 bits");
        }
    }

    double share() {
        try {
            double share = Double.parseDouble(value.strip());
            if (share > 0 && share <= 1) {
                return share;
            }
        } catch (NumberFormatException e) {
            // Refused below, as any other value.
        }
        throw refused("a number above 0 and at most 1");
    }
}
