package org.mailserv.app;

import picocli.CommandLine;

/** The version of the jar. */
public final class Version implements CommandLine.IVersionProvider {
    public static String text() {
        String version = Main.class.getPackage().getImplementationVersion();
        return "mailserv " + (version == null ? "development" : version);
    }

    @Override
    public String[] getVersion() {
        return new String[] {text(), "Java " + System.getProperty("java.version")};
    }
}
