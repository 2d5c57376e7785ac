package org.mailserv.app.accounts;

import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.vacation.VacationFiles;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.AppPasswords;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.mailbox.MailboxUsage;

/**
 * The files that the handlers change, and the accounts that are read from them.
 *
 * @param config the configuration in effect
 * @param accounts the accounts in use; refreshed after each change
 * @param sizes sizes of mailboxes
 * @param appPasswords app passwords of all users
 * @param vacations vacation replies of all users
 */
public record AccountFiles(
        Supplier<MailservConfig> config,
        UsersFile users,
        AliasesFile aliases,
        LocalAccounts accounts,
        Sizes sizes,
        AppPasswords appPasswords,
        VacationFiles vacations) {
    /** Source of the sizes of mailboxes. */
    public interface Sizes {
        /** Returns the size of a mailbox, or null if sizes are unknown here. Does not block. */
        @Nullable
        CompletionStage<MailboxUsage> of(MailboxName mailbox);
    }
}
