package org.mailserv.app.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The configurations inside the jar. {@code reference.conf}, with all keys and their defaults, is parsed once, on first use. */
final class ReferenceConfig {
    private static final Config ALL = resource("reference.conf").resolve(ConfigResolveOptions.defaults());

    private ReferenceConfig() {}

    /** Returns all keys with their defaults. */
    static Config get() {
        return ALL;
    }

    /** Parses a resource of the jar. Opened as a stream, because a URL connection would load the table of MIME types first. */
    static Config resource(String name) {
        InputStream in = Objects.requireNonNull(ReferenceConfig.class.getResourceAsStream("/" + name), name);
        return ConfigFactory.parseReader(
                new InputStreamReader(in, StandardCharsets.UTF_8),
                ConfigParseOptions.defaults().setOriginDescription(name));
    }
}
