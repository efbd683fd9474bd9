package org.bybert.encoder.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubIdTest {

    @ParameterizedTest
    @ValueSource(strings = {"../../etc", "../etc", "a/..", "./b", "a/b/c", "/a/b", "a", "a/", "/b", "a/b@", "a/b@../c",
        "a/b@/c", "a/b@c..d", "a/b@-x", "a/b@c/", "a/b@c//d", "a/b c", "a/b\u0000", "a/b\n", "a--b/c", "a\\b/c", "a/b?x",
        "a/b@c?x", "a/%2e%2e", "-a/b", "a/b.", "hdfs://a/b", ""})
    void whatCouldLeadOutOfTheCacheIsRefused(String text) {
        assertFalse(HubId.matches(text));
        assertThrows(ModelException.class, () -> HubId.parse(text));
    }

    @Test
    void namesAndRevisions() {
        HubId id = HubId.parse("tohoku-nlp/bybert-jp-v2-100m");
        assertEquals(new HubId("tohoku-nlp", "bybert-jp-v2-100m", "main"), id);
        assertEquals("tohoku-nlp/bybert-jp-v2-100m", id.toString());
        assertEquals("refs/pr/1", HubId.parse("a/b_c.d@refs/pr/1").revision());
        assertTrue(HubId.parse("a/b@" + FakeHub.COMMIT).isPinned());
        assertTrue(HubId.matches("A1/b@v1.0"));
    }
}
