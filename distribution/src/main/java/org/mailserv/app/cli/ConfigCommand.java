package org.mailserv.app.cli;

import com.typesafe.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.EffectiveSettings;
import org.mailserv.app.config.EffectiveSettings.Setting;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mailserv config}: the settings that hold, and the defaults. */
@Command(
        name = "config",
        description = "Shows the settings that hold and where each comes from, or all defaults with their description.",
        mixinStandardHelpOptions = true)
public final class ConfigCommand extends CommandGroup {
    private static final String KEY = "A setting, or a group of settings such as smtp. Default: all.";

    @Command(
            name = "show",
            description = {
                "Shows the settings that hold, one per line, and where each comes from: file and line, environment"
                        + " variable, command line, or default.",
                "Passwords and other secrets are hidden."
            },
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "KEY", arity = "0..1", description = KEY) @Nullable String key,
            @Option(names = "--changed", description = "Leaves out settings that have their default.") boolean changed,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws ConfigurationException {
        List<Setting> found;
        try {
            found = EffectiveSettings.of(
                    ConfigFile.read(parent.configFile(), parent.options()), key == null ? "" : key);
        } catch (ConfigException e) {
            throw new ConfigurationException(List.of(ConfigFile.oneLine(e)));
        }
        if (found.isEmpty()) {
            throw usage(key + ": no such setting (expected: such as smtp, or smtp.max-message-size)");
        }
        List<Setting> shown = found.stream()
                .filter(setting -> !changed || !setting.isDefault())
                .toList();
        if (json) {
            shown.forEach(setting -> out().println(Json.write(setting)));
        } else {
            shown.forEach(setting -> out().println(setting.line() + "  # " + setting.origin()));
        }
        out().flush();
        return 0;
    }

    @Command(
            name = "defaults",
            description = "Prints reference.conf: all settings with their meaning, unit and default.",
            mixinStandardHelpOptions = true)
    int defaults(
            @Parameters(paramLabel = "KEY", arity = "0..1", description = KEY + " Without the descriptions.") @Nullable
                    String key,
            @Option(names = "--json", description = JsonLines.HELP) boolean json)
            throws IOException {
        if (key == null && !json) {
            out().print(reference().stripTrailing() + System.lineSeparator());
            out().flush();
            return 0;
        }
        List<Setting> found = EffectiveSettings.of(ConfigFile.reference(), key == null ? "" : key);
        if (found.isEmpty()) {
            throw usage(key + ": no such setting (expected: such as smtp, or smtp.max-message-size)");
        }
        found.forEach(setting -> out().println(json ? Json.write(setting) : setting.line()));
        out().flush();
        return 0;
    }

    private static String reference() throws IOException {
        try (InputStream in = Objects.requireNonNull(ConfigFile.class.getResourceAsStream("/reference.conf"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
