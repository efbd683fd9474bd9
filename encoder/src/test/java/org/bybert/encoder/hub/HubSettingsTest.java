package org.bybert.encoder.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubSettingsTest {

    @TempDir
    Path folder;

    @Test
    void settingsComeFromTheEnvironmentOfHuggingFacesTools() {
        HubSettings settings = HubSettings.of(Map.of(
                "HF_HOME",
                "/hf",
                "HF_HUB_OFFLINE",
                "yes",
                "HF_TOKEN",
                " t\n",
                "HF_ENDPOINT",
                "https://mirror.example/hub/"));
        assertEquals(Path.of("/hf/hub"), settings.cache());
        assertTrue(settings.offline());
        assertEquals("t", settings.token());
        assertEquals("https://mirror.example/hub", settings.endpoint().toString());
        assertEquals(
                Path.of("/c"),
                HubSettings.of(Map.of("HF_HOME", "/hf", "HF_HUB_CACHE", "/c")).cache());
        HubSettings defaults = HubSettings.of(Map.of("HF_HUB_OFFLINE", "0"));
        assertEquals(Path.of(System.getProperty("user.home"), ".cache", "huggingface", "hub"), defaults.cache());
        assertFalse(defaults.offline());
        assertThrows(ModelException.class, () -> HubSettings.of(Map.of("HF_ENDPOINT", "huggingface.co")));
    }

    @Test
    void withoutAPlaceOfItsOwnTheCacheIsWhereTheSystemKeepsCaches() {
        assertEquals(
                Path.of("/xdg/huggingface/hub"),
                HubSettings.of(Map.of("XDG_CACHE_HOME", "/xdg")).cache());
        assertEquals(
                Path.of("/hf/hub"),
                HubSettings.of(Map.of("XDG_CACHE_HOME", "/xdg", "HF_HOME", "/hf"))
                        .cache());
        assertTrue(HubSettings.PUBLIC.contains("XDG_CACHE_HOME"));
    }

    @Test
    void theFirstOfTwoVariablesSaysWhetherTheHubIsAsked() {
        assertTrue(HubSettings.of(Map.of("TRANSFORMERS_OFFLINE", "1")).offline());
        assertFalse(HubSettings.of(Map.of("HF_HUB_OFFLINE", "0", "TRANSFORMERS_OFFLINE", "1"))
                .offline());
        assertTrue(HubSettings.of(Map.of("HF_HUB_OFFLINE", "", "TRANSFORMERS_OFFLINE", "ON"))
                .offline());
    }

    @Test
    void aTokenIsTakenFromTheEnvironmentElseFromTheFileOfHfAuthLogin() throws IOException {
        String home = folder.toString();
        assertNull(HubSettings.of(Map.of("HF_HOME", home)).token());
        Files.writeString(folder.resolve("token"), "hf_home\n");
        assertEquals("hf_home", HubSettings.of(Map.of("HF_HOME", home)).token());
        Files.createDirectory(folder.resolve("huggingface"));
        Files.writeString(folder.resolve("huggingface/token"), "hf_xdg");
        assertEquals("hf_xdg", HubSettings.of(Map.of("XDG_CACHE_HOME", home)).token());
        Path other = Files.writeString(folder.resolve("other"), "hf_path");
        assertEquals(
                "hf_path",
                HubSettings.of(Map.of("HF_HOME", home, "HF_TOKEN_PATH", other.toString()))
                        .token());
        assertEquals(
                "hf_old",
                HubSettings.of(Map.of("HF_HOME", home, "HUGGING_FACE_HUB_TOKEN", "hf_old"))
                        .token());
        assertEquals(
                "hf_new",
                HubSettings.of(Map.of("HF_HOME", home, "HUGGING_FACE_HUB_TOKEN", "hf_old", "HF_TOKEN", "hf_new"))
                        .token());
        Files.writeString(other, "no token");
        String message = assertThrows(
                        ModelException.class, () -> HubSettings.of(Map.of("HF_TOKEN_PATH", other.toString())))
                .getMessage();
        assertTrue(message.startsWith(other + ": "), message);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "https, HTTPS_PROXY, http://proxy:3128, proxy:3128",
                "https, https_proxy, proxy.example:8080, proxy.example:8080",
                "http, HTTP_PROXY, http://proxy, proxy:80",
                "https, HTTP_PROXY, http://proxy, -",
                "https, ALL_PROXY, http://[::1]:3128/, '[::1]:3128'"
            })
    void theSchemeDecidesWhichProxyIsTaken(String scheme, String name, String value, String server) {
        Proxies.Server found = Proxies.of(Map.of(name, value)).of(URI.create(scheme + "://hub.example/api"));
        assertEquals(server, found == null ? null : found.toString());
    }

    @Test
    void lowerCaseGoesFirstAlsoWhereItIsEmpty() {
        URI uri = URI.create("https://hub.example");
        assertEquals(
                "a:1",
                Proxies.of(Map.of("https_proxy", "a:1", "HTTPS_PROXY", "b:2"))
                        .of(uri)
                        .toString());
        assertNull(Proxies.of(Map.of("https_proxy", "", "HTTPS_PROXY", "b:2")).of(uri));
        assertEquals(
                "a:1",
                Proxies.of(Map.of("https_proxy", "a:1", "ALL_PROXY", "b:2"))
                        .of(uri)
                        .toString());
    }

    @Test
    void aProxyThatNoRequestTakesMayBeOfAnyKind() {
        assertEquals(
                "a:1",
                Proxies.of(Map.of("https_proxy", "a:1", "http_proxy", "a:1", "all_proxy", "socks5://b:2"))
                        .of(URI.create("https://hub.example"))
                        .toString());
        assertThrows(ModelException.class, () -> Proxies.of(Map.of("all_proxy", "socks5://b:2")));
        assertEquals(
                "b:2",
                Proxies.of(Map.of("all_proxy", "b:2"))
                        .of(URI.create("http://hub.example"))
                        .toString());
    }

    @ParameterizedTest
    @CsvSource({
        "huggingface.co, https://huggingface.co, true",
        "huggingface.co, https://cdn.HuggingFace.co, true",
        "huggingface.co, https://nothuggingface.co, false",
        "'localhost, .huggingface.co', https://huggingface.co, true",
        "huggingface.co:443, https://huggingface.co, true",
        "huggingface.co:8443, https://huggingface.co, false",
        "*, https://huggingface.co, true",
        "cdn.huggingface.co, https://huggingface.co, false",
        "10.0.0.0/8, https://10.1.2.3:8080, true",
        "10.0.0.0/8, https://11.1.2.3, false",
        "192.168.1.5, https://192.168.1.5, true",
        "::1, https://[::1]:8080, true"
    })
    void hostsOfNoProxyAreAskedDirectly(String without, String uri, boolean direct) {
        Proxies proxies = Proxies.of(Map.of("HTTPS_PROXY", "http://proxy:3128", "no_proxy", without));
        assertEquals(direct, proxies.of(URI.create(uri)) == null);
    }

    @Test
    void credentialsOfTheUrlAreDecodedAndNotShown() {
        Proxies proxies = Proxies.of(Map.of("HTTPS_PROXY", "http://me:p%40ss+1@proxy:3128"));
        Proxies.Server server = proxies.of(URI.create("https://hub.example"));
        assertEquals(
                "Basic " + Base64.getEncoder().encodeToString("me:p@ss+1".getBytes(StandardCharsets.UTF_8)),
                server.authorization());
        assertFalse((proxies
                        + HubSettings.of(Map.of("HTTPS_PROXY", "http://me:pass@proxy:3128"))
                                .toString())
                .contains("Basic"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "socks5://me:secret@proxy:1080",
                "https://me:secret@proxy",
                "me:secret@proxy:port",
                "http://me:secret@proxy:99999",
                "http://"
            })
    void whatIsNoHttpProxyIsRefusedWithoutItsPassword(String value) {
        String message = assertThrows(ModelException.class, () -> HubSettings.of(Map.of("https_proxy", value)))
                .getMessage();
        assertTrue(message.startsWith("https_proxy: expected http://HOST:PORT"), message);
        assertFalse(message.contains("secret"), message);
    }
}
