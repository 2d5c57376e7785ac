package org.mailserv.server.config;

import java.util.List;

/** A configuration that cannot be used: all that is wrong with it, a line each. */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1;

    private final List<String> problems;

    public ConfigurationException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line each: file, line, key, and what was expected. */
    public List<String> problems() {
        return problems;
    }
}
