package org.mailserv.server.mailbox.maildir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.account.MailboxName;

class MaildirLayoutTest {
    private final MaildirLayout layout =
            new MaildirLayout(Path.of("/data"), Map.of("own.example", Path.of("/elsewhere/mail")));

    @Test
    @DisplayName("M10: each domain has its folder, at a path of its own where one is configured")
    void findsFolders() {
        assertThat(layout.folder(new MailboxName("Example.org", "Doug"))).isEqualTo(Path.of("/data/example.org/doug"));
        assertThat(layout.folder(new MailboxName("own.example", "kim"))).isEqualTo(Path.of("/elsewhere/mail/kim"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                ".",
                "../../etc",
                "a/b",
                "/etc/passwd",
                "a\\b",
                "a\0b",
                "\r\n",
                ".hidden",
                "CON:",
                "a b",
                "ü",
                "%2e%2e"
            })
    @DisplayName("no name leaves its domain's folder")
    void noNameLeavesTheFolder(String name) {
        Path folder = layout.folder(new MailboxName("example.org", name));
        assertThat(folder.normalize()).isEqualTo(folder);
        assertThat(folder.getParent()).isEqualTo(Path.of("/data/example.org"));
        assertThat(folder.getFileName().toString()).matches("[a-z0-9%+=_.-]+").doesNotStartWith(".");
    }

    @Test
    void differentNamesHaveDifferentFolders() {
        assertThat(MaildirLayout.safe("a%2fb")).isNotEqualTo(MaildirLayout.safe("a/b"));
        assertThatThrownBy(() -> MaildirLayout.safe("/".repeat(100))).isInstanceOf(IllegalArgumentException.class);
    }
}
