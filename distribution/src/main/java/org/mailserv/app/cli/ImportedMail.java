package org.mailserv.app.cli;

import java.util.List;
import org.mailserv.app.transfer.MailboxImport;

/**
 * The result of an import of mail, for {@code --json}.
 *
 * @param present messages that an earlier run has imported
 * @param changed messages whose flags were changed to those of the source
 * @param problems one line for each message that could not be read
 */
record ImportedMail(String mailbox, int imported, int present, int changed, List<String> problems) {
    static ImportedMail of(String mailbox, MailboxImport done) {
        return new ImportedMail(mailbox, done.imported(), done.present(), done.changed(), List.copyOf(done.problems()));
    }
}
