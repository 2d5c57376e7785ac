package org.mailserv.app.accounts;

import java.io.IOException;
import java.nio.file.Path;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.dns.Dns;

/**
 * The services that the calls on domains need beside the files of accounts.
 *
 * @param dkim the folder of the DKIM keys
 * @param dns looks up records for a check
 * @param keysChanged makes a running server read its DKIM keys again; does nothing without a server
 * @param reload makes a running server read its configuration again; does nothing without a server
 */
public record DomainServices(Path dkim, Dns dns, KeysChanged keysChanged, Reload reload) {
    /** Puts activated DKIM keys into effect. */
    public interface KeysChanged {
        /** Reads the keys again. Blocks. */
        void run() throws IOException;
    }

    /** Puts an added or removed domain into effect. */
    public interface Reload {
        /** Reads the configuration again. Blocks. */
        void run() throws ApiException, StartupException, IOException;
    }
}
