package org.mailserv.app.sendmail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.codec.address.Address;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.Resolution;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.delivery.SenderRewriting;
import org.mailserv.server.disk.RealDisk;

/** Finds recipients that the server would refuse, without asking the server. */
public final class LocalRecipients {
    private LocalRecipients() {}

    /** Returns the domain of names without one, or an empty string if only the server knows it. */
    static String domain(@Nullable MailservConfig config) {
        if (config == null) {
            return "";
        }
        String primary = config.primaryDomain();
        return primary != null
                ? primary
                : config.domains().keySet().stream().findFirst().orElse(config.hostname());
    }

    /**
     * Returns the recipients that no mailbox and no alias has. The result is empty if this cannot be determined here, because the accounts
     * are not readable or a password helper has some of them; the server then checks when it receives the message. Blocks.
     *
     * @param config null if this user may not read it
     */
    static List<Address> unknown(@Nullable MailservConfig config, Collection<Address> recipients) {
        if (config == null
                || config.passwordHelper().isSet()
                || !isReadable(config.usersFilePath())
                || !isReadable(config.aliasesFilePath())) {
            return List.of();
        }
        List<Address> unknown = new ArrayList<>();
        try (LocalAccounts accounts = new LocalAccounts(
                config.domains(),
                config.primaryDomain(),
                OwnNames.ofThisMachine(config.hostname()),
                new UsersFile(config.usersFilePath(), new RealDisk()),
                new AliasesFile(config.aliasesFilePath(), new RealDisk()),
                config.tagSeparators(),
                1)) {
            for (Address recipient : recipients) {
                boolean local = accounts.isLocalDomain(recipient.domain()) && !SenderRewriting.isRewritten(recipient);
                if (local && accounts.resolve(recipient).toCompletableFuture().join() instanceof Resolution.Unknown) {
                    unknown.add(recipient);
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        return unknown;
    }

    /** Returns whether a file can be read, or certainly does not exist. A folder that hides its files says neither. */
    private static boolean isReadable(Path file) {
        return Files.isReadable(file) || Files.notExists(file);
    }
}
