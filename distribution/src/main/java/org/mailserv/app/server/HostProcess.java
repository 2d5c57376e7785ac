package org.mailserv.app.server;

import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.config.ConfigurationException;

/** The process that the server runs in. */
public interface HostProcess {
    /** Reads the configuration again, from where the process read it. Blocks. */
    MailservConfig load() throws ConfigurationException;

    /** Begins to end the process, and returns at once. */
    void exit();
}
