package org.mailserv.app.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.AppPasswordMade;
import org.mailserv.app.api.AppPasswordRemoval;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.NewAppPassword;
import org.mailserv.app.api.UserChange;
import org.mailserv.app.api.UserQuery;
import org.mailserv.app.api.VacationChange;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.AppPassword;
import org.mailserv.server.account.AppPasswordAccounts;

/** App passwords and vacation replies that calls set. */
class UserExtraCallsTest {
    private static final String KIM = "kim@sample.org";

    @TempDir
    Path folder;

    private AccountBench bench;

    @BeforeEach
    void open() throws Exception {
        Files.writeString(folder.resolve("users"), KIM + ":{PLAIN}main\n");
        bench = new AccountBench(folder, "hostname = mail.sample.org\ndomains.\"sample.org\" {}\n");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private AccountStore by(AppPassword.Scope scope) {
        return new AppPasswordAccounts(bench.accounts, bench.passwords, scope);
    }

    private static Account login(AccountStore accounts, String password) throws Exception {
        return accounts.authenticate(KIM, password).toCompletableFuture().get();
    }

    @Test
    @DisplayName("An app password logs in by its scope, beside the password of the user, until it is revoked")
    void appPassword() throws Exception {
        AppPasswordMade made = bench.ask(Calls.ADD_APP_PASSWORD, new NewAppPassword(KIM, "phone", List.of("pop3")));
        assertThat(made.password()).matches("([a-z2-9]{4}-){4}[a-z2-9]{4}");
        assertThat(Files.readString(folder.resolve("app-passwords")))
                .contains("{SSHA512}")
                .doesNotContain(made.password())
                .doesNotContain(made.password().replace("-", ""));
        AccountStore pop3 = by(AppPassword.Scope.POP3);
        Account account = login(pop3, made.password());
        assertThat(account).isNotNull();
        assertThat(login(pop3, made.password().replace("-", " ").toUpperCase())).isNotNull();
        assertThat(login(pop3, "main")).isNotNull();
        assertThat(login(by(AppPassword.Scope.SMTP), made.password())).isNull();
        assertThat(bench.accounts
                        .authenticate(KIM, made.password())
                        .toCompletableFuture()
                        .get())
                .isNull();
        assertThat(pop3.isCurrent(account)).isTrue();
        assertThat(bench.ask(Calls.USER, new UserQuery(KIM)).appPasswords()).containsExactly(made.info());

        bench.ask(
                Calls.REMOVE_APP_PASSWORD,
                new AppPasswordRemoval(KIM, made.info().id()));
        assertThat(login(pop3, made.password())).isNull();
        assertThat(pop3.isCurrent(account)).isFalse();
    }

    @Test
    @DisplayName("A login ends when the user is disabled, and that of the main password when it changes")
    void currentLogins() throws Exception {
        AppPasswordMade made = bench.ask(Calls.ADD_APP_PASSWORD, new NewAppPassword(KIM, "phone", List.of()));
        AccountStore smtp = by(AppPassword.Scope.SMTP);
        Account byApp = login(smtp, made.password());
        Account byMain = login(smtp, "main");
        bench.ask(Calls.CHANGE_USER, UserChange.password(KIM, "other"));
        assertThat(smtp.isCurrent(byMain)).isFalse();
        assertThat(smtp.isCurrent(byApp)).isTrue();
        bench.ask(Calls.CHANGE_USER, UserChange.disabled(KIM, true));
        assertThat(smtp.isCurrent(byApp)).isFalse();
        assertThat(login(smtp, made.password()).restrictions().closed()).isEqualTo("nologin");
        bench.ask(Calls.REMOVE_USER, new UserQuery(KIM));
        assertThat(login(smtp, made.password())).isNull();
        assertThat(Files.readString(folder.resolve("app-passwords"))).isEmpty();
    }

    @Test
    @DisplayName("Mistakes in requests are named")
    void mistakes() {
        assertThatThrownBy(() -> bench.ask(Calls.ADD_APP_PASSWORD, new NewAppPassword(KIM, " ", List.of())))
                .hasMessageContaining("name: missing");
        assertThatThrownBy(() -> bench.ask(Calls.ADD_APP_PASSWORD, new NewAppPassword(KIM, "x", List.of("imap"))))
                .hasMessageContaining("smtp, pop3");
        assertThatThrownBy(() -> bench.ask(Calls.ADD_APP_PASSWORD, new NewAppPassword("x@sample.org", "x", List.of())))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.kind()).isEqualTo(ApiException.Kind.NOT_FOUND));
        assertThatThrownBy(() -> bench.ask(Calls.REMOVE_APP_PASSWORD, new AppPasswordRemoval(KIM, "nope")))
                .hasMessageContaining("no app password nope");
        assertThatThrownBy(() -> bench.ask(
                        Calls.SET_VACATION, new VacationChange(KIM, true, null, "x", "2026-07-02", "2026-07-01")))
                .hasMessageContaining("before start");
        assertThatThrownBy(
                        () -> bench.ask(Calls.SET_VACATION, new VacationChange(KIM, true, null, "x", "tomorrow", null)))
                .hasMessageContaining("no date");
        assertThatThrownBy(() -> bench.ask(Calls.SET_VACATION, new VacationChange(KIM, true, null, null, null, null)))
                .hasMessageContaining("text: missing");
    }
}
