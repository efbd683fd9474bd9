package org.bybert.job.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.jar.Attributes;
import org.bybert.encoder.Version;
import org.bybert.job.Commands;
import org.junit.jupiter.api.Test;

class VersionTest {

    private static Version of(String commit) {
        Attributes manifest = new Attributes();
        manifest.put(Attributes.Name.IMPLEMENTATION_VERSION, "0.2.0-SNAPSHOT");
        if (commit != null) {
            manifest.putValue("Git-Commit", commit);
        }
        return Version.of(manifest);
    }

    @Test
    void aBuildIsToldByItsCommit() {
        Version version = of("1a2b3c4");
        assertEquals("0.2.0-SNAPSHOT (commit 1a2b3c4)", version.toString());
        assertTrue(version.isExact());
        assertNotEquals(version.toString(), of("1a2b3c5").toString());
        assertEquals(
                "0.2.0-SNAPSHOT (commit 0123456789ab)",
                of("0123456789abcdef0123456789abcdef01234567").toString());
    }

    @Test
    void whatIsNotKnownIsSaid() {
        assertEquals(
                "0.2.0-SNAPSHOT (commit 1a2b3c4, with other changes)",
                of("1a2b3c4-dirty").toString());
        for (String commit : new String[] {null, "unknown", "${git.commit.id}"}) {
            assertEquals("0.2.0-SNAPSHOT (commit unknown)", of(commit).toString());
            assertFalse(of(commit).isExact());
        }
        assertFalse(of("1a2b3c4-dirty").isExact());
        assertEquals("development (commit unknown)", Version.of(null).toString());
    }

    @Test
    void theProgramTellsItsVersion() {
        assertEquals(
                "bybert " + Version.current(), Commands.run("--version").out().strip());
    }
}
