package org.mailserv.app.accounts;

import java.nio.file.Path;
import org.mailserv.app.config.MailservConfig;

/** The places of the files of accounts in the data folder, besides the users file and the aliases file. */
public final class AccountPaths {
    private AccountPaths() {}

    public static Path appPasswords(MailservConfig config) {
        return config.dataDir().toAbsolutePath().resolve("app-passwords");
    }

    public static Path vacations(MailservConfig config) {
        return config.dataDir().toAbsolutePath().resolve("vacation");
    }

    /** Returns the folder of the DKIM keys. */
    public static Path dkim(MailservConfig config) {
        return config.dataDir().toAbsolutePath().resolve("dkim");
    }
}
