package org.bybert.encoder.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubIdTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc",
                "../etc",
                "a/..",
                "./b",
                "a/b/c",
                "/a/b",
                "a",
                "a/",
                "/b",
                "a/b@",
                "a/b@../c",
                "a/b@/c",
                "a/b@c..d",
                "a/b@-x",
                "a/b@c/",
                "a/b@c//d",
                "a/b c",
                "a/b\u0000",
                "a/b\n",
                "a--b/c",
                "a\\b/c",
                "a/b?x",
                "a/b@c?x",
                "a/%2e%2e",
                "-a/b",
                "a/b.",
                "hdfs://a/b",
                ""
            })
    void whatCouldLeadOutOfTheCacheIsRefused(String text) {
        assertFalse(HubId.matches(text));
        assertThrows(ModelException.class, () -> HubId.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://huggingface.co/tohoku-nlp/bybert-jp-100m",
                "https://huggingface.co/tohoku-nlp/bybert-jp-100m/",
                "https://huggingface.co/tohoku-nlp/bybert-jp-100m/tree/main",
                "http://www.HuggingFace.co/tohoku-nlp/bybert-jp-100m?library=transformers",
                "https://huggingface.co/tohoku-nlp/bybert-jp-100m/blob/main/config.json",
                "hf.co/tohoku-nlp/bybert-jp-100m",
                "huggingface.co/tohoku-nlp/bybert-jp-100m",
                "hf://tohoku-nlp/bybert-jp-100m",
                "https://huggingface.co/tohoku-nlp/bybert-jp-100m.git",
                "git@hf.co:tohoku-nlp/bybert-jp-100m",
                "https://huggingface.co/api/models/tohoku-nlp/bybert-jp-100m"
            })
    void anAddressOfTheHubsPagesIsKnownByItsId(String address) {
        assertEquals(
                "an address of the web, not of a folder; name the model by its id, tohoku-nlp/bybert-jp-100m",
                HubId.adviceFor(address));
    }

    @Test
    void otherAddressesOfTheWebAreRefusedAndFoldersAreNone() {
        assertTrue(HubId.adviceFor("https://huggingface.co/a/b/tree/v2").endsWith("id, a/b@v2"));
        assertTrue(HubId.adviceFor("https://hub.example:8443/a/b")
                .contains("id, a/b (with " + "HF_ENDPOINT=https://hub.example:8443"));
        assertTrue(HubId.adviceFor("https://example.com/model.zip").contains("name an id of the hub (ORG/NAME)"));
        for (String name :
                new String[] {"a/b", "hdfs://h/a/b", "s3a://b.c/d/e", "/a/b", "models/b", "a.b/c/d", "c:/a/b"}) {
            assertNull(HubId.adviceFor(name), name);
        }
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
