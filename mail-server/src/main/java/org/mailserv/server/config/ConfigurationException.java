package org.mailserv.server.config;

import java.util.List;

/** Signals an invalid configuration and lists all its problems. */
public final class ConfigurationException extends Exception {
    private static final long serialVersionUID = 1;

    private final List<String> problems;

    public ConfigurationException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** Returns one line per problem: file, line, key, and the expected value. */
    public List<String> problems() {
        return problems;
    }
}
