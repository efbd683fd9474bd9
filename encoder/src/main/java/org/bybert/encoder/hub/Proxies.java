package org.bybert.encoder.hub;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bybert.encoder.error.ModelException;

/**
 * Which proxy a request takes, by the variables that Python's clients heed: {@code HTTPS_PROXY}, {@code HTTP_PROXY},
 * {@code ALL_PROXY} and {@code NO_PROXY}, or the same in lower case, which go first.
 *
 * @param servers by the scheme of the request, or {@code all}
 * @param without hosts that are asked directly, as NO_PROXY names them
 */
public record Proxies(Map<String, Server> servers, List<String> without) {

    static final Proxies NONE = new Proxies(Map.of(), List.of());

    private static final Pattern URL = Pattern.compile("(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:(?<user>.*)@)?"
            + "(?<host>\\[[0-9A-Fa-f:.]+]|[^:/@\\[\\]\\s]+)(?::(?<port>[0-9]{1,5}))?/?");
    private static final String IPV4 = "(?:[0-9]{1,3}\\.){3}[0-9]{1,3}";
    private static final Pattern NETWORK = Pattern.compile("(" + IPV4 + ")/(0?[0-9]|[12][0-9]|3[0-2])");
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    /** @param authorization value of the header Proxy-Authorization, or null */
    record Server(String host, int port, String authorization) {

        InetSocketAddress address() {
            return InetSocketAddress.createUnresolved(host.replaceAll("[\\[\\]]", ""), port);
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** @throws ModelException where a variable names no HTTP proxy; it does not repeat what may be a password */
    static Proxies of(Map<String, String> environment) {
        Map<String, Server> servers = new HashMap<>();
        for (String scheme : List.of("http", "https", "all")) {
            String name = name(environment, scheme);
            String value = environment.getOrDefault(name, "").strip();
            // One that both schemes go past may be of any kind, e.g. socks5.
            if (!value.isEmpty() && servers.size() < 2) {
                servers.put(scheme, server(name, value));
            }
        }
        String without = environment.getOrDefault(name(environment, "no"), "");
        return new Proxies(
                servers,
                Arrays.stream(without.split(","))
                        .map(host -> host.strip().toLowerCase(Locale.ROOT))
                        .filter(host -> !host.isEmpty())
                        .toList());
    }

    private static String name(Map<String, String> environment, String kind) {
        String name = kind + "_proxy";
        return environment.containsKey(name) ? name : name.toUpperCase(Locale.ROOT);
    }

    private static Server server(String name, String value) {
        Matcher url = URL.matcher(value);
        boolean http = url.matches()
                && (url.group("scheme") == null || url.group("scheme").equalsIgnoreCase("http"));
        if (!http || port(url) > 0xffff) {
            throw new ModelException(name + ": expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, found "
                    + value.replaceFirst("(?:(?<=://)|^(?!.*://)).*@", "...@"));
        }
        String user = url.group("user");
        byte[] credentials = user == null
                ? null
                : URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8)
                        .getBytes(StandardCharsets.UTF_8);
        return new Server(
                url.group("host"),
                port(url),
                user == null ? null : "Basic " + Base64.getEncoder().encodeToString(credentials));
    }

    private static int port(Matcher url) {
        return url.group("port") == null ? HTTP_PORT : Integer.parseInt(url.group("port"));
    }

    /** The proxy for a request, or null where it goes directly. */
    Server of(URI uri) {
        Server server = servers.getOrDefault(uri.getScheme().toLowerCase(Locale.ROOT), servers.get("all"));
        return server == null || without.stream().anyMatch(name -> covers(name, uri)) ? null : server;
    }

    /** A name stands for the host itself and for all below it; a port, a leading dot and networks may be given. */
    private static boolean covers(String name, URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        int usual = uri.getScheme().equalsIgnoreCase("https") ? HTTPS_PORT : HTTP_PORT;
        int port = uri.getPort() >= 0 ? uri.getPort() : usual;
        Matcher network = NETWORK.matcher(name);
        if (name.equals("*")
                || network.matches()
                        && host.matches(IPV4)
                        && (address(host) ^ address(network.group(1))) >> 32 - Integer.parseInt(network.group(2))
                                == 0) {
            return true;
        }
        String bare = name.replaceFirst("^\\.+", "");
        return List.of(host, host + ":" + port, host.replaceAll("[\\[\\]]", "")).stream()
                .anyMatch(own -> own.equals(bare) || own.endsWith("." + bare));
    }

    /** An IPv4 address as a number. */
    private static long address(String text) {
        return Arrays.stream(text.split("\\."))
                .mapToLong(Long::parseLong)
                .reduce(0, (address, part) -> address << 8 | part & 0xff);
    }
}
