package org.mailserv.server.mailbox.maildir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        assertThat(MaildirLayout.safe("/".repeat(100))).isNotEqualTo(MaildirLayout.safe("/".repeat(101)));
        assertThatThrownBy(() -> MaildirLayout.safe("")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 201, 255, 512})
    @DisplayName("names of any length have a folder that a file system takes")
    void longNamesHaveFolders(int length) {
        for (String letter : new String[] {"a", "\u90AE", "/"}) {
            String name = letter.repeat(length);
            assertThat(MaildirLayout.safe(name)).hasSizeLessThanOrEqualTo(200).isEqualTo(MaildirLayout.safe(name));
            assertThat(MaildirLayout.safe(name)).isNotEqualTo(MaildirLayout.safe(name + letter));
        }
    }

    @ParameterizedTest
    @DisplayName("folders that were made under another form of a name stay in use")
    @CsvSource({
        "b%c3%bccher.example, j%c3%bcrgen",
        "bu%cc%88cher.example, ju%cc%88rgen",
        "xn--bcher-kva.example, j%c3%bcrgen",
        "b%c3%bccher.example, ju%cc%88rgen"
    })
    void olderFoldersStayInUse(String domain, String mailbox, @TempDir Path data) throws IOException {
        Path folder = Files.createDirectories(data.resolve(domain).resolve(mailbox));
        MaildirLayout found = new MaildirLayout(data, Map.of());
        for (String form : new String[] {"bücher.example", "xn--bcher-kva.example", "BU\u0308CHER.example"}) {
            for (String name : new String[] {"jürgen", "JU\u0308RGEN"}) {
                assertThat(found.folder(new MailboxName(form, name))).isEqualTo(folder);
            }
        }
        assertThat(found.folder(new MailboxName("bucher.example", "jürgen")).getParent())
                .isEqualTo(data.resolve("bucher.example"));
    }

    @Test
    @DisplayName("a path that is configured for a domain holds for all forms of its name")
    void configuredPathsHoldForAllForms() {
        MaildirLayout own = new MaildirLayout(Path.of("/data"), Map.of("xn--bcher-kva.example", Path.of("/own")));
        assertThat(own.folder(new MailboxName("bücher.example", "a"))).isEqualTo(Path.of("/own/a"));
        assertThat(own.domainFolder("Bücher.example")).isEqualTo(Path.of("/own"));
    }
}
