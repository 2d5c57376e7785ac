package org.mailserv.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Whatever stands in a configuration: a value, or complaints of one line each. */
class BinderFuzzTest {
    enum Kind {
        SMTP,
        POP3
    }

    record Inner(Kind kind, int port, @Octets long size) {}

    record Outer(
            String name,
            boolean on,
            double part,
            Duration time,
            Path path,
            List<String> networks,
            List<Inner> listeners,
            Map<String, Inner> domains) {}

    @FuzzTest(maxDuration = "2m")
    void file(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        if (text.contains("include")) {
            // Reads other files, and asks other hosts: not here.
            return;
        }
        Config config;
        try {
            config = ConfigFactory.parseString(text).resolve();
        } catch (ConfigException e) {
            return;
        }
        try {
            assertThat(RecordBinder.bind(config, Outer.class)).isNotNull();
        } catch (ConfigurationException e) {
            assertThat(e.problems()).isNotEmpty().noneMatch(problem -> problem.isBlank());
        } catch (ConfigException e) {
            assertThat(e.getMessage()).isNotNull();
        }
    }
}
