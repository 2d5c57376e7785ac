package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.EnvironmentSettings;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.RestartKeys;
import org.mailserv.app.config.ServerOptions;
import org.mailserv.server.config.ConfigurationException;

/** Every key of {@code reference.conf}, set by file and by environment, to what is legal and to what is not. */
class EverySettingTest {
    /** Legal values other than the default, of keys whose type alone does not make one. */
    static final Map<String, String> LEGAL = new TreeMap<>(Map.ofEntries(
            Map.entry("hostname", "mx.example.org"),
            Map.entry("primary-domain", "example.org"),
            Map.entry("domains", "{ \"example.org\" { mailboxes { ann { password = \"{PLAIN}x\" } } } }"),
            Map.entry("relay-networks", "[\"192.0.2.0/24\"]"),
            Map.entry("plaintext-auth-networks", "[\"192.0.2.0/24\"]"),
            Map.entry("xclient-networks", "[\"192.0.2.0/24\"]"),
            Map.entry("listeners", "[ { kind = smtp, address = \"127.0.0.1\", port = 0 } ]"),
            Map.entry("tls.certificates", "[ { certificate = \"/x.pem\", key = \"/x.key\" } ]"),
            Map.entry("tls.provider", "jdk"),
            Map.entry("tls.protocols", "[\"TLSv1.3\"]"),
            Map.entry("tls.ciphers", "[\"TLS_AES_128_GCM_SHA256\"]"),
            Map.entry("tls.acme.email", "\"ann@example.org\""),
            Map.entry("tls.acme.directory", "\"https://acme.example/directory\""),
            Map.entry("tls.acme.external-account.secret", "\"c2VjcmV0\""),
            Map.entry("tls.acme.challenge", "tls-alpn-01"),
            Map.entry("tls.acme.dns.key-algorithm", "hmac-sha512"),
            Map.entry("tls.acme.key-type", "rsa"),
            Map.entry("tls.acme.renew-at", "0.5"),
            Map.entry("tls.acme.retry", "[2m, 5m]"),
            Map.entry("tls.acme.jitter", "0.2"),
            Map.entry("tls.acme.http.address", "127.0.0.1"),
            Map.entry("tls.acme.tls-alpn.address", "127.0.0.1"),
            Map.entry("tls.acme.dns.key-secret", "\"c2VjcmV0\""),
            Map.entry("tls.acme.dns.command", "[\"/bin/true\"]"),
            Map.entry("smtp.ptr", "off"),
            Map.entry("pop3.plaintext-networks", "[\"192.0.2.0/24\"]"),
            Map.entry("pop3.passwordless-networks", "[\"192.0.2.0/24\"]"),
            Map.entry("net.transport", "nio"),
            Map.entry("net.exempt-networks", "[\"192.0.2.0/24\"]"),
            Map.entry("password-helper.command", "[\"/bin/true\"]"),
            Map.entry("password-helper.url", "\"http://127.0.0.1:9000/check\""),
            Map.entry("imap.host", "imap.example.org"),
            Map.entry("imap.port", "143"),
            Map.entry("imap.tls", "starttls"),
            Map.entry("dns.servers", "[\"127.0.0.1:5353\"]"),
            Map.entry("relay.tls", "must"),
            Map.entry("relay.bind-addresses", "[\"127.0.0.1\"]"),
            Map.entry("relay.helo", "out.example.org"),
            Map.entry("relay.routes", "{ \"*\" { host = \"192.0.2.1\", port = 587 } }"),
            Map.entry("relay.retry.schedule", "[2m, 5m]"),
            Map.entry("checks.spf", "reject"),
            Map.entry("checks.dmarc", "apply"),
            Map.entry("checks.quarantine", "junk"),
            Map.entry("checks.dmarc-temperror", "mark"),
            Map.entry("checks.invalid-from", "mark"),
            Map.entry("first-account.address", "\"ann@example.org\""),
            Map.entry("relay.discard-ehlo", "[chunking]"),
            Map.entry("checks.exempt-networks", "[\"192.0.2.0/24\"]"),
            Map.entry("checks.lists.zones", "[ { zone = \"bl.example\", subject = client, weight = -2 } ]"),
            Map.entry("milters.filters", "[ { address = \"inet:127.0.0.1:11332\" } ]"),
            Map.entry("milters.messages", "incoming"),
            Map.entry("milters.on-failure", "accept"),
            Map.entry("reports.sender", "\"reports@example.org\""),
            Map.entry("log.format", "json"),
            Map.entry("log.level", "warn"),
            Map.entry("log.syslog", "\"127.0.0.1:1514\""),
            Map.entry("http.address", "127.0.0.2"),
            Map.entry("http.administrators", "{ ann { password = \"{PLAIN}x\", role = read-only } }"),
            Map.entry("http.proxy-networks", "[\"192.0.2.0/24\"]"),
            Map.entry("http.tls.address", "127.0.0.2"),
            Map.entry("http.host-names", "[admin.example.org]"),
            Map.entry("http.admin-password", "\"{PLAIN}x\""),
            Map.entry("store.cassandra.contact-points", "[\"192.0.2.1:9042\"]"),
            Map.entry("cluster.node-name", "mx1"),
            Map.entry("spool.free-space-mark", "0.1"),
            Map.entry("spool.state-delay", "6ms"),
            Map.entry("relay.retry.jitter", "0.2"),
            Map.entry("limits.brake-factor", "11"),
            Map.entry("user", "nobody"),
            Map.entry("group", "nogroup"),
            Map.entry("tag-separators", "\"-\""),
            Map.entry("pop3.implementation", "x")));

    private static final List<String> ILLEGAL = List.of(
            "\"\"",
            "\" \"",
            "-1",
            "-5s",
            "99999999999999999999",
            "999999999999d",
            "1e400",
            "NaN",
            "what",
            "[]",
            "{}",
            "[[1]]",
            "{ a = 1 }",
            "true",
            "null",
            "\"\\u0000\"",
            "\"a\\r\\nb\"",
            "0",
            "4294967296",
            "\"ht!tp://[\"",
            "1T");

    @TempDir
    Path folder;

    static Stream<String> keys() {
        return EnvironmentSettings.keys(ConfigFile.reference()).values().stream()
                .distinct()
                .sorted();
    }

    /** A legal value that is not the default. */
    static String legal(String key) {
        String special = LEGAL.get(key);
        if (special != null) {
            return special;
        }
        Config reference = ConfigFile.reference();
        ConfigValue value = reference.hasPath(key) ? reference.getValue(key) : null;
        if (value == null || value.valueType() == ConfigValueType.NULL) {
            return "\"somewhere\"";
        } else if (value.valueType() == ConfigValueType.BOOLEAN) {
            return String.valueOf(!reference.getBoolean(key));
        } else if (value.valueType() == ConfigValueType.NUMBER) {
            return String.valueOf(reference.getInt(key) + 1);
        } else if (value.valueType() == ConfigValueType.LIST) {
            return "[x]";
        }
        String text = reference.getString(key);
        return text.matches("\\d+[A-Za-z]+")
                ? Integer.parseInt(text.replaceAll("\\D", "")) + 1 + text.replaceAll("\\d", "")
                : otherWord(key, text);
    }

    /** Another of the words that a key can have, as the refusal of a wrong one lists them; or any text. */
    private static String otherWord(String key, String word) {
        try {
            ConfigFile.bind(
                    ConfigFactory.parseString(key + " = \"" + word + "x\"").withFallback(ConfigFile.reference()));
        } catch (ConfigurationException e) {
            Matcher words = Pattern.compile("\\(expected: ([a-z-]+(, [a-z-]+)+)\\)")
                    .matcher(e.problems().get(0));
            if (words.find()) {
                return Stream.of(words.group(1).split(", "))
                        .filter(other -> !other.equals(word))
                        .findFirst()
                        .orElseThrow();
            }
        }
        return "\"" + word + "x\"";
    }

    /** Another setting that a key needs beside it, in a line of its own. */
    private static String companion(String key) {
        return switch (key) {
            case "first-account.address" -> "first-account.password = secret\n";
            case "first-account.password" -> "first-account.address = \"bob@example.org\"\n";
            case "store.cassandra.user" -> "store.cassandra.password = secret\n";
            case "store.cassandra.password" -> "store.cassandra.user = mailserv\n";
            default -> "\n";
        };
    }

    private MailservConfig load(String text, Map<String, String> environment) throws Exception {
        Path file = Files.writeString(folder.resolve("mailserv.conf"), text);
        try {
            return ConfigFile.bind(ConfigFile.read(file, new ServerOptions(), environment));
        } catch (ConfigException e) {
            throw new ConfigurationException(List.of(ConfigFile.oneLine(e)));
        }
    }

    private static String variable(String key) {
        return "MAILSERV_" + key.toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_");
    }

    @Test
    void legalValuesDifferFromTheDefaults() throws Exception {
        MailservConfig defaults = load("", Map.of());
        for (String key : keys().toList()) {
            assertThat(load(companion(key) + key + " = " + legal(key), Map.of()))
                    .as(key)
                    .isNotEqualTo(defaults);
        }
    }

    @ParameterizedTest
    @MethodSource("keys")
    @DisplayName("a legal value is taken, from the file and from the environment")
    void takesWhatIsLegal(String key) throws Exception {
        String value = legal(key);
        MailservConfig byFile = load(companion(key) + key + " = " + value, Map.of());
        String plain = value.startsWith("\"") ? value.substring(1, value.length() - 1) : value;
        assertThat(load(companion(key), Map.of(variable(key), plain))).isEqualTo(byFile);
    }

    @ParameterizedTest
    @MethodSource("keys")
    @DisplayName("an illegal value is told in a line with file, line and key, and never by a stack trace")
    void tellsWhatIsIllegal(String key) {
        for (String value : ILLEGAL) {
            assertThatCode(() ->
                            tellOrTake(companion(key) + key + " = " + value, Map.of(), folder + "/mailserv.conf:", key))
                    .as("%s = %s", key, value)
                    .doesNotThrowAnyException();
            String plain = value.startsWith("\"") ? value.substring(1, value.length() - 1) : value;
            // Empty is as good as unset, and then the other setting stands alone.
            boolean alone = plain.isBlank() && !companion(key).isBlank();
            if (!plain.contains("\\") && !alone) {
                assertThatCode(() -> tellOrTake(companion(key), Map.of(variable(key), plain), variable(key), key))
                        .as("%s=%s", variable(key), value)
                        .doesNotThrowAnyException();
            }
        }
    }

    private void tellOrTake(String text, Map<String, String> environment, String place, String key) throws Exception {
        try {
            load(text, environment);
        } catch (ConfigurationException e) {
            assertThat(e.problems())
                    .isNotEmpty()
                    .allSatisfy(problem -> assertThat(problem)
                            .contains(place)
                            .containsPattern(
                                    "(?i)" + key.replace(".", "\\.") + "|" + key.substring(key.lastIndexOf('.') + 1))
                            .doesNotContain("\n")
                            .doesNotContain("Exception")
                            .doesNotEndWith(": null"));
            if (environment.isEmpty()) {
                assertThat(e.problems()).allMatch(problem -> problem.matches(".*mailserv\\.conf: ?2:.*"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("keys")
    @DisplayName("a negative number or time, and an empty text, are refused where they mean nothing")
    void refusesWhatMeansNothing(String key) throws Exception {
        ConfigValue value = ConfigFile.reference().root().get(key);
        Config reference = ConfigFile.reference();
        boolean number = reference.hasPath(key) && legal(key).matches("\\d+(\\.\\d+)?[A-Za-z]*");
        if (number && !key.equals("checks.lists.threshold")) {
            assertThatCode(() -> load(key + " = -1", Map.of())).as(key).isInstanceOf(ConfigurationException.class);
            assertThatCode(() -> load(key + " = 99999999999999999999", Map.of()))
                    .as(key)
                    .isInstanceOf(ConfigurationException.class);
        }
        if (value != null && value.valueType() == ConfigValueType.STRING && !key.equals("tag-separators")) {
            assertThatCode(() -> load(key + " = \"\"", Map.of())).as(key).isInstanceOf(ConfigurationException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("keys")
    @DisplayName("a changed key takes effect at reload as a whole, or is named as needing a restart and stays as it is")
    void everyKeyTakesEffectOrIsNamed(String key) throws Exception {
        boolean paired = Set.of("first-account.password", "store.cassandra.user", "store.cassandra.password")
                .contains(key);
        String before = paired ? key + " = before\n" : "";
        MailservConfig running = load(companion(key) + before, Map.of());
        MailservConfig wanted = load(companion(key) + key + " = " + legal(key), Map.of());
        boolean live = RestartKeys.isLive(key);
        assertThat(RestartKeys.effective(running, wanted)).isEqualTo(live ? wanted : running);
        List<String> named = RestartKeys.changed(running, wanted);
        if (live) {
            assertThat(named).isEmpty();
        } else {
            assertThat(named).containsExactly(key);
        }
    }

    @Test
    @DisplayName("a new domain brings its folder with it; the folder of a running one stays until a restart")
    void foldersOfDomains() throws Exception {
        MailservConfig running = load("domains { \"a.example\" { path = one } }", Map.of());
        MailservConfig wanted = load(
                "domains { \"a.example\" { path = two, catch-all = x }, \"b.example\" { path = three } }", Map.of());
        assertThat(RestartKeys.changed(running, wanted)).containsExactly("domains.\"a.example\".path");
        MailservConfig effective = RestartKeys.effective(running, wanted);
        assertThat(effective.domains())
                .isEqualTo(load(
                                "domains { \"a.example\" { path = one, catch-all = x }, \"b.example\" { path = three }"
                                        + " }",
                                Map.of())
                        .domains());
    }
}
