package org.mailserv.app.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.app.api.AliasChange;
import org.mailserv.app.api.AliasInfo;
import org.mailserv.app.api.AliasRemoval;
import org.mailserv.app.api.AliasesQuery;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.SettingSource;

/** Aliases and catch-alls that calls add, replace and remove. */
class AliasCallsTest {
    @TempDir
    Path folder;

    private AccountBench bench;

    @BeforeEach
    void open() throws Exception {
        Files.writeString(folder.resolve("aliases"), "# lists\nteam@sample.org: doug, kim@dest.test\n");
        bench = new AccountBench(folder, """
                hostname = mail.sample.org
                domains {
                  "sample.org" {
                    mailboxes.doug { password = "{PLAIN}secret" }
                    aliases.info = [doug]
                  }
                  "all.test" { catch-all = "doug@sample.org" }
                }
                """);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private String file() throws Exception {
        return Files.readString(folder.resolve("aliases"));
    }

    private static void refused(ApiException.Kind kind, String text, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(text);
    }

    private AliasInfo add(String alias, String... targets) throws Exception {
        return bench.ask(Calls.ADD_ALIAS, new AliasChange(alias, List.of(targets)));
    }

    @Test
    @DisplayName("Aliases and catch-alls of both sources are listed")
    void list() throws Exception {
        List<AliasInfo> all = bench.ask(Calls.ALIASES, new AliasesQuery(null));
        assertThat(all).extracting(AliasInfo::alias).containsExactly("info@sample.org", "team@sample.org", "@all.test");
        assertThat(all)
                .extracting(AliasInfo::source)
                .containsExactly(SettingSource.CONFIG, SettingSource.FILE, SettingSource.CONFIG);
        assertThat(bench.ask(Calls.ALIASES, new AliasesQuery("ALL.test"))).hasSize(1);
    }

    @Test
    @DisplayName("Targets are added once, and those of the file stay")
    void add() throws Exception {
        assertThat(add("Team@Sample.org", "ann@dest.test", "doug").targets())
                .containsExactly("doug", "kim@dest.test", "ann@dest.test");
        assertThat(file()).isEqualTo("# lists\nteam@sample.org: doug, kim@dest.test, ann@dest.test\n");
        refused(ApiException.Kind.CONFLICT, "already", () -> add("team@sample.org", "doug"));
        assertThat(add("@sample.org", "doug").problems()).isEmpty();
    }

    @Test
    @DisplayName("A target that does not exist is reported, and a loop is refused")
    void deadAndLooping() throws Exception {
        assertThat(add("x@sample.org", "gone").problems())
                .singleElement()
                .asString()
                .contains("is not there");
        add("a@sample.org", "b@sample.org");
        refused(ApiException.Kind.CONFLICT, "loop", () -> add("b@sample.org", "a@sample.org"));
        refused(ApiException.Kind.CONFLICT, "loop", () -> add("self@sample.org", "self"));
        assertThat(file()).doesNotContain("b@sample.org: ").doesNotContain("self");
    }

    @Test
    @DisplayName("An alias that takes the mail of a mailbox away is reported; with a copy it is not")
    void aliasOfMailbox() throws Exception {
        assertThat(add("doug@sample.org", "doug@dest.test").problems())
                .singleElement()
                .asString()
                .contains("does not reach the mailbox");
        assertThat(add("doug@sample.org", "doug").problems()).isEmpty();
    }

    @Test
    @DisplayName("What the configuration has, foreign domains and unreadable names are refused")
    void refused() {
        refused(ApiException.Kind.CONFLICT, "in the configuration", () -> add("info@sample.org", "x@dest.test"));
        refused(ApiException.Kind.CONFLICT, "in the configuration", () -> add("@all.test", "x@dest.test"));
        refused(ApiException.Kind.MALFORMED, "no local domain", () -> add("x@elsewhere.test", "doug@sample.org"));
        refused(ApiException.Kind.MALFORMED, "is no alias", () -> add("x", "doug@sample.org"));
        refused(ApiException.Kind.MALFORMED, "is no address", () -> add("x@sample.org", "a b@sample.org"));
        refused(ApiException.Kind.MALFORMED, "is no address", () -> add("x@sample.org", "a@b.test,c@d.test"));
        refused(ApiException.Kind.MALFORMED, "targets: none", () -> add("x@sample.org"));
    }

    @Test
    @DisplayName("Targets are replaced and removed; what is not there is not found")
    void setAndRemove() throws Exception {
        bench.ask(Calls.SET_ALIAS, new AliasChange("team@sample.org", List.of("doug", "doug", "ann@dest.test")));
        assertThat(file()).isEqualTo("# lists\nteam@sample.org: doug, ann@dest.test\n");
        refused(
                ApiException.Kind.NOT_FOUND,
                "does not lead to",
                () -> bench.ask(Calls.REMOVE_ALIAS, new AliasRemoval("team@sample.org", List.of("x@y.test"))));
        bench.ask(Calls.REMOVE_ALIAS, new AliasRemoval("team@sample.org", List.of("DOUG")));
        assertThat(file()).contains("team@sample.org: ann@dest.test");
        bench.ask(Calls.REMOVE_ALIAS, new AliasRemoval("team@sample.org", List.of()));
        assertThat(file()).isEqualTo("# lists\n");
        refused(
                ApiException.Kind.NOT_FOUND,
                "is not in",
                () -> bench.ask(Calls.REMOVE_ALIAS, new AliasRemoval("team@sample.org", List.of())));
    }
}
