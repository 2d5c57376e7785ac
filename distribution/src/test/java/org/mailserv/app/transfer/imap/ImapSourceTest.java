package org.mailserv.app.transfer.imap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The names of folders. */
class ImapSourceTest {
    @ParameterizedTest
    @CsvSource({
        "INBOX, /, ''",
        "inbox, ., ''",
        "Sent, /, .Sent",
        "INBOX.Sent, ., .Sent",
        "Archive/2020, /, .Archive.2020",
        "Archive.2020, ., .Archive.2020",
        "v1.2/x, /, .v1_2.x",
        "Übung, /, .&ANw-bung",
    })
    void folders(String name, char separator, String folder) {
        assertThat(ImapSource.target(name, separator)).isEqualTo(folder);
    }
}
