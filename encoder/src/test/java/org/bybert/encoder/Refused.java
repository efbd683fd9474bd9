package org.bybert.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.function.Executable;

/** Asserts that a model is refused with a message its user can act on. */
public final class Refused {

    private Refused() {}

    /** @param parts what the message must name: the file and, where they apply, tensor or key, expected and found */
    public static ModelException refused(Executable code, Object... parts) {
        ModelException refusal = assertThrows(ModelException.class, code);
        List<String> missing = Arrays.stream(parts)
                .map(Object::toString)
                .filter(part -> !refusal.getMessage().contains(part))
                .toList();
        assertEquals(List.of(), missing, "not named in: " + refusal.getMessage());
        return refusal;
    }
}
