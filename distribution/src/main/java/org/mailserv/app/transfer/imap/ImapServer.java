package org.mailserv.app.transfer.imap;

import java.util.Properties;

/**
 * The server and account that mail is read from.
 *
 * @param security the protection of the connection; with TLS the certificate is always verified
 */
public record ImapServer(String host, int port, Security security, String user, String password) {
    private static final String TIMEOUT_MILLIS = "120000";

    /** The protection of the connection. */
    public enum Security {
        /** TLS from the start, port 993. */
        TLS,
        /** TLS by STARTTLS, port 143; without it nothing is sent. */
        STARTTLS,
        /** None, for a server on this machine. */
        PLAIN
    }

    /** Returns the name of the protocol in the library's settings. */
    String protocol() {
        return security == Security.TLS ? "imaps" : "imap";
    }

    /** Returns the library's settings. Messages are read in pieces, so that large ones need little memory. */
    Properties properties() {
        Properties all = new Properties();
        String prefix = "mail." + protocol() + ".";
        all.setProperty(prefix + "connectiontimeout", TIMEOUT_MILLIS);
        all.setProperty(prefix + "timeout", TIMEOUT_MILLIS);
        all.setProperty(prefix + "writetimeout", TIMEOUT_MILLIS);
        all.setProperty(prefix + "ssl.checkserveridentity", "true");
        all.setProperty(prefix + "starttls.enable", String.valueOf(security == Security.STARTTLS));
        all.setProperty(prefix + "starttls.required", String.valueOf(security == Security.STARTTLS));
        all.setProperty(prefix + "peek", "true");
        all.setProperty(prefix + "partialfetch", "true");
        all.setProperty(prefix + "fetchsize", String.valueOf(256 << 10));
        all.setProperty("mail.mime.address.strict", "false");
        return all;
    }

    @Override
    public String toString() {
        return user + " at " + host + ":" + port;
    }
}
