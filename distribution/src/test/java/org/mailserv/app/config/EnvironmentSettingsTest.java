package org.mailserv.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.config.RecordBinder;

class EnvironmentSettingsTest {
    @TempDir
    Path folder;

    private Config read(String file, Map<String, String> environment) throws Exception {
        return ConfigFile.read(
                Files.writeString(folder.resolve("mailserv.conf"), file), new ServerOptions(), environment);
    }

    @Test
    void a_variable_stands_above_the_file() throws Exception {
        Config config = read(
                "hostname = file.example.org, smtp.hop-limit = 5",
                Map.of(
                        "MAILSERV_HOSTNAME", "environment.example.org",
                        "MAILSERV_HTTP", "true",
                        "MAILSERV_SMTP_HOP_LIMIT", "",
                        "MAILSERV_RELAY_RETRY_LIFETIME", "2d",
                        "MAILSERV_RELAY_NETWORKS", "10.0.0.0/8, 192.168.0.0/16",
                        "MAILSERV_DOMAINS", "{ \"example.org\" { mailboxes { doug { password = \"{PLAIN}x\" } } } }",
                        "MAILSERV_LISTENERS", "[{ kind = smtp, address = \"::1\", port = 2525 }]"));
        MailservConfig bound = RecordBinder.bind(config, MailservConfig.class);
        assertThat(bound.hostname()).isEqualTo("environment.example.org");
        assertThat(bound.smtp().hopLimit()).as("empty is unset").isEqualTo(5);
        assertThat(bound.http().enabled()).isTrue();
        assertThat(bound.relay().retry().lifetime()).hasDays(2);
        assertThat(bound.relayNetworks()).hasToString("[10.0.0.0/8, 192.168.0.0/16]");
        assertThat(bound.domains().get("example.org").mailboxes()).containsKey("doug");
        assertThat(bound.listeners())
                .singleElement()
                .satisfies(one -> assertThat(one.effectivePort()).isEqualTo(2525));
    }

    @Test
    void every_key_has_a_variable_of_its_own() {
        Map<String, String> keys = EnvironmentSettings.keys(ConfigFile.reference());
        assertThat(keys).containsEntry("MAILSERV_DATA_DIR", "data-dir").containsEntry("MAILSERV_USER", "user");
        assertThat(keys.values().stream().distinct())
                .as("but for the short ones")
                .hasSize(keys.size() - 6);
    }

    @Test
    void a_secret_is_read_from_a_file() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "s3cret\n");
        assertThat(read("", Map.of("MAILSERV_ADMIN_PASSWORD_FILE", secret.toString()))
                        .getString("http.admin-password"))
                .isEqualTo("s3cret");
        assertThatThrownBy(() -> read("", Map.of("MAILSERV_ADMIN_PASSWORD_FILE", folder + "/nothing")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("MAILSERV_ADMIN_PASSWORD_FILE");
    }

    @Test
    void a_mistake_names_its_variable() throws Exception {
        Config config = read("", Map.of("MAILSERV_SMTP_HOP_LIMIT", "many"));
        assertThatThrownBy(() -> RecordBinder.bind(config, MailservConfig.class))
                .hasMessageContaining("environment variable MAILSERV_SMTP_HOP_LIMIT: smtp.hop-limit: many");
        assertThatThrownBy(() -> read("", Map.of("MAILSERV_LISTENERS", "[{ kind = ")))
                .hasMessageContaining("MAILSERV_LISTENERS");
    }

    @Test
    void names_that_are_no_settings_are_told() {
        Map<String, String> environment = Map.of(
                "MAILSERV_HOSTNAM", "x",
                "MAILSERV_CONFIG", "x",
                "MAILSERV_ADMIN_PASSWORD_FILE", "x",
                "MAILSERV_SERVICE_HOST", "10.0.0.1",
                "MAILSERV_PORT_25_TCP", "tcp://10.0.0.1:25",
                "HOME", "/");
        assertThat(EnvironmentSettings.unknown(environment, ConfigFile.reference()))
                .containsExactly("MAILSERV_HOSTNAM");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MAILSERV_HTTP_PORT=tcp://10.0.0.1:8080",
                "MAILSERV_RELAY_PORT=tcp://10.0.0.1:25",
                "MAILSERV_RELAY_PORT=udp://[fd00::1]:25",
                "MAILSERV_RELAY_MTA_STS_PORT=tcp://10.0.0.1:443",
                "MAILSERV_HTTP_SERVICE_HOST=10.0.0.1",
                "MAILSERV_HTTP_SERVICE_PORT=8080",
                "MAILSERV_HTTP_SERVICE_PORT_WEB=8080",
                "MAILSERV_HTTP_PORT_8080_TCP=tcp://10.0.0.1:8080",
                "MAILSERV_HTTP_PORT_8080_TCP_PROTO=tcp",
                "MAILSERV_HTTP_PORT_8080_TCP_PORT=8080",
                "MAILSERV_HTTP_PORT_8080_TCP_ADDR=10.0.0.1",
                "MAILSERV_RELAY_SERVICE_HOST=10.0.0.1",
                "MAILSERV_PORT=tcp://10.0.0.1:25",
                "MAILSERV_PORT_53_UDP_ADDR=10.0.0.1",
                "MAILSERV_SERVICE_PORT_SMTP=25",
                "MAILSERV_WEB_MAIL_SERVICE_HOST=10.0.0.1"
            })
    void a_service_link_is_no_setting(String variable) throws Exception {
        String name = variable.substring(0, variable.indexOf('='));
        Map<String, String> environment = Map.of(name, variable.substring(name.length() + 1));
        assertThat(ConfigFile.bind(read("", environment))).isEqualTo(ConfigFile.bind(read("", Map.of())));
        assertThat(EnvironmentSettings.unknown(environment, ConfigFile.reference()))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAILSERV_HTTP_PORT=tcp:8080", "MAILSERV_HTTP_PORT=80x80", "MAILSERV_RELAY_PORT=10.0.0.1"})
    void a_typo_in_a_setting_is_still_one(String variable) throws Exception {
        String name = variable.substring(0, variable.indexOf('='));
        Config config = read("", Map.of(name, variable.substring(name.length() + 1)));
        assertThatThrownBy(() -> ConfigFile.bind(config)).hasMessageContaining("environment variable " + name);
    }
}
