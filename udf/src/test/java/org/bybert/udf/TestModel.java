package org.bybert.udf;

import java.nio.file.Path;
import java.util.Map;

/** The bundled model. */
public final class TestModel {

    private TestModel() {}

    public static Path folder() {
        return Path.of(System.getProperty("bybert.data-samples"))
                .resolve("bybert-jp-mini")
                .normalize();
    }

    public static ModelReference reference() {
        return new ModelReference(folder().toString(), Map.of());
    }
}
