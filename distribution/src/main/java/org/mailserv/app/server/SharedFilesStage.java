package org.mailserv.app.server;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.accounts.AccountPaths;
import org.mailserv.app.config.AddedDomains;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.delivery.SenderRewriting;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.store.MailStore;
import org.mailserv.server.store.mirror.FileMirror;
import org.mailserv.server.store.mirror.MirroredFiles;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.AcmeConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that the nodes of a cluster have in common: users, aliases, app passwords, added domains, DKIM keys, the SRS secret and
 * the certificate by ACME. Does nothing over a store in files.
 */
final class SharedFilesStage {
    private static final Logger LOG = LoggerFactory.getLogger(SharedFilesStage.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Pattern KEYS = Pattern.compile(".*\\.pem(\\.waiting)?");
    private static final String USERS = "users";
    private static final String ALIASES = "aliases";
    private static final String APP_PASSWORDS = "app-passwords";
    private static final String DOMAINS = "local-domains";
    private static final String SRS = "srs-secret";
    private static final String DKIM = "dkim";

    private final @Nullable FileMirror mirror;

    /** Fetches the files of the other nodes, before anything reads them. Blocks. */
    SharedFilesStage(MailservConfig config, DataFolder folder, Disk disk, MailStore store, OpenResources resources)
            throws IOException {
        mirror = store.files().isEmpty()
                ? null
                : resources.add(new FileMirror(
                        store.files().get(),
                        folder.path()
                                .resolve("shared")
                                .resolve(config.store().cassandra().keyspace()),
                        disk,
                        files(config, folder),
                        INTERVAL));
        if (mirror != null) {
            mirror.sync();
            if (config.srs().enabled()) {
                // All nodes begin with the same secret: the first one makes it, and the others fetch it.
                SenderRewriting.secretIn(folder.srsSecret(), disk);
                mirror.sync();
            }
        }
    }

    private static MirroredFiles files(MailservConfig config, DataFolder folder) {
        MirroredFiles files = new MirroredFiles()
                .lines(USERS, config.usersFilePath())
                .lines(ALIASES, config.aliasesFilePath())
                .lines(APP_PASSWORDS, AccountPaths.appPasswords(config))
                .lines(DOMAINS, AddedDomains.file(folder.path()))
                .octets(SRS, folder.srsSecret())
                .tree(DKIM, folder.dkim(), KEYS);
        AcmeConfig acme = config.tls().acme();
        if (acme.enabled()) {
            files.octets(
                    certificate(config),
                    AcmeConfig.certificateFile(folder.path().resolve("tls")));
        }
        return files;
    }

    /** Returns the name of the certificate by ACME: nodes that request the same names have the same certificate. */
    private static String certificate(MailservConfig config) {
        Set<String> names = new TreeSet<>(config.tls().acme().domains());
        names.add(config.hostname());
        return "certificate of " + String.join(" ", names);
    }

    /**
     * Begins to share changes.
     *
     * @param keys read again when a key of another node arrives
     * @param reload reads the configuration again when another node has added or removed a domain; may block
     */
    void start(DkimKeys keys, Runnable reload) {
        if (mirror != null) {
            mirror.start(names -> apply(names, keys, reload));
        }
    }

    private static void apply(Set<String> names, DkimKeys keys, Runnable reload) {
        // Users, aliases and app passwords are watched by those who use them.
        if (names.stream().anyMatch(name -> name.startsWith(DKIM + "/"))) {
            try {
                keys.reload();
            } catch (IOException e) {
                LOG.warn("event=dkim-keys-unreadable reason=\"{}\"", Failures.text(e));
            }
        }
        if (names.contains(DOMAINS)) {
            reload.run();
        }
    }
}
