package org.bybert.udf.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class PythonModulesTest {

    /** So they name the functions, options and parameters that Java has, no more and no less. */
    @Test
    void theModulesAreWhatTheGeneratorWrites() throws IOException {
        assertEquals(PythonModules.functions(), Files.readString(PythonModules.FUNCTIONS));
        assertEquals(PythonModules.stages(), Files.readString(PythonModules.STAGES));
    }
}
