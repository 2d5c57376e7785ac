package org.mailserv.app.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.NewUser;
import org.mailserv.app.api.SettingSource;
import org.mailserv.app.api.UserChange;
import org.mailserv.app.api.UserForward;
import org.mailserv.app.api.UserInfo;
import org.mailserv.app.api.UserQuery;
import org.mailserv.app.api.UsersQuery;
import org.mailserv.server.account.PasswordScheme;

/** Users that calls add, change and remove, and the lines of the users file. */
class UserCallsTest {
    private static final String SETTINGS = """
            hostname = mail.sample.org
            domains."sample.org" {
              mailboxes.doug { password = "{PLAIN}secret" }
              aliases.info = [doug]
            }
            """;
    private static final String KIM = "kim@sample.org";

    @TempDir
    Path folder;

    private Path users;
    private AccountBench bench;

    @BeforeEach
    void open() throws Exception {
        users = folder.resolve("users");
        Files.writeString(users, """
                # people
                kim@sample.org:{PLAIN}old:1000:1000:Kim:/home/kim:/bin/sh:userdb_home=/x quota_rule=*:storage=1G
                # robots
                bot@sample.org:{PLAIN}b
                """);
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-r-----"));
        bench = new AccountBench(folder, SETTINGS);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private String lineOf(String user) throws Exception {
        return Files.readAllLines(users).stream()
                .filter(line -> line.startsWith(user + ":"))
                .findFirst()
                .orElse("");
    }

    private static void refused(ApiException.Kind kind, String text, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(text)
                .hasMessageNotContaining("\n");
    }

    @Test
    @DisplayName("Users of the file and of the configuration are listed with their source")
    void list() throws Exception {
        List<UserInfo> all = bench.ask(Calls.USERS, new UsersQuery(null));
        assertThat(all).extracting(UserInfo::user).containsExactly("doug@sample.org", KIM, "bot@sample.org");
        assertThat(all)
                .extracting(UserInfo::source)
                .containsExactly(SettingSource.CONFIG, SettingSource.FILE, SettingSource.FILE);
        assertThat(all.get(1).quotaOctets()).isEqualTo(1 << 30);
        assertThat(bench.ask(Calls.USERS, new UsersQuery("other.test"))).isEmpty();
    }

    @Test
    @DisplayName("A change touches one line and keeps comments, order, other fields and permissions")
    void changeKeepsTheRest() throws Exception {
        UserInfo changed = bench.ask(Calls.CHANGE_USER, new UserChange(KIM, null, null, true, 5000L, null));
        assertThat(changed.disabled()).isTrue();
        assertThat(changed.closed()).isEqualTo("nologin");
        assertThat(changed.quotaOctets()).isEqualTo(5000);
        assertThat(Files.readAllLines(users))
                .containsExactly(
                        "# people",
                        "kim@sample.org:{PLAIN}old:1000:1000:Kim:/home/kim:/bin/sh:userdb_home=/x"
                                + " userdb_quota_rule=*:bytes=5000 nologin",
                        "# robots",
                        "bot@sample.org:{PLAIN}b");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(users)))
                .isEqualTo("rw-r-----");
        UserInfo enabled = bench.ask(Calls.CHANGE_USER, UserChange.disabled(KIM, false));
        assertThat(enabled.disabled()).isFalse();
        assertThat(enabled.closed()).isNull();
        assertThat(enabled.quotaOctets()).isEqualTo(5000);
    }

    @Test
    @DisplayName("A new password is hashed, and the line keeps the rest")
    void password() throws Exception {
        bench.ask(Calls.CHANGE_USER, UserChange.password(KIM, "new secret"));
        String[] fields = lineOf(KIM).split(":", 3);
        assertThat(PasswordScheme.verify(fields[1], "new secret")).isTrue();
        assertThat(fields[2]).startsWith("1000:1000:Kim");
        assertThat(bench.accounts
                        .authenticate(KIM, "new secret")
                        .toCompletableFuture()
                        .get())
                .isNotNull();
        assertThat(bench.accounts.authenticate(KIM, "old").toCompletableFuture().get())
                .isNull();
    }

    @Test
    @DisplayName("A new user has a line of eight fields; a second one of the name is a conflict")
    void add() throws Exception {
        UserInfo made = bench.ask(
                Calls.ADD_USER,
                new NewUser("Ann@Sample.ORG", "pw", null, null, 1000L, 10L, List.of("x@dest.test"), false));
        assertThat(made.user()).isEqualTo("ann@sample.org");
        assertThat(made.forward()).containsExactly("x@dest.test");
        assertThat(made.keepCopy()).isFalse();
        assertThat(lineOf("ann@sample.org").split(":", 8)).hasSize(8);
        refused(
                ApiException.Kind.CONFLICT,
                "is there already",
                () -> bench.ask(Calls.ADD_USER, NewUser.of("ann@sample.org", "other")));
        refused(
                ApiException.Kind.CONFLICT,
                "in the configuration",
                () -> bench.ask(Calls.ADD_USER, NewUser.of("doug@sample.org", "other")));
        refused(
                ApiException.Kind.CONFLICT,
                "is an alias",
                () -> bench.ask(Calls.ADD_USER, NewUser.of("info@sample.org", "other")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "kim", "@sample.org", "kim@", "a b@sample.org", "\"a:b\"@sample.org", "kim@other.test"})
    @DisplayName("Names that are no mailboxes of a local domain are refused, and the file stays as it is")
    void invalidNames(String name) throws Exception {
        String before = Files.readString(users);
        assertThatThrownBy(() -> bench.ask(Calls.ADD_USER, NewUser.of(name, "pw")))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.kind()).isEqualTo(ApiException.Kind.MALFORMED));
        assertThat(Files.readString(users)).isEqualTo(before);
    }

    @Test
    @DisplayName("Passwords that are missing, empty or given twice are refused")
    void passwordsInRequests() {
        refused(
                ApiException.Kind.MALFORMED,
                "password: empty",
                () -> bench.ask(Calls.ADD_USER, NewUser.of("a@sample.org", "")));
        refused(
                ApiException.Kind.MALFORMED,
                "password: missing",
                () -> bench.ask(
                        Calls.ADD_USER, new NewUser("a@sample.org", null, null, null, null, null, List.of(), null)));
        refused(
                ApiException.Kind.MALFORMED,
                "password_hash",
                () -> bench.ask(
                        Calls.ADD_USER,
                        new NewUser("a@sample.org", null, "{PLAIN}a:b", null, null, null, List.of(), null)));
        refused(
                ApiException.Kind.MALFORMED,
                "user: missing",
                () -> bench.ask(Calls.ADD_USER, new NewUser(null, "x", null, null, null, null, List.of(), null)));
    }

    @Test
    @DisplayName("What the configuration has is not changed, and unknown users are not found")
    void notChangeable() {
        refused(
                ApiException.Kind.CONFLICT,
                "is in the configuration",
                () -> bench.ask(Calls.CHANGE_USER, UserChange.disabled("doug@sample.org", true)));
        refused(
                ApiException.Kind.CONFLICT,
                "is in the configuration",
                () -> bench.ask(Calls.REMOVE_USER, new UserQuery("doug@sample.org")));
        refused(
                ApiException.Kind.NOT_FOUND,
                "nobody@sample.org",
                () -> bench.ask(Calls.CHANGE_USER, UserChange.disabled("nobody@sample.org", true)));
        refused(
                ApiException.Kind.NOT_FOUND,
                "no such user",
                () -> bench.ask(Calls.USER, new UserQuery("nobody@sample.org")));
    }

    @Test
    @DisplayName("Forwarding is an alias of the user's own name, and goes away with the user")
    void forward() throws Exception {
        UserInfo both = bench.ask(Calls.FORWARD_USER, new UserForward(KIM, List.of("kim@dest.test"), null));
        assertThat(both.keepCopy()).isTrue();
        assertThat(Files.readString(folder.resolve("aliases"))).isEqualTo(KIM + ": " + KIM + ", kim@dest.test\n");
        UserInfo away = bench.ask(Calls.FORWARD_USER, new UserForward(KIM, List.of("kim@dest.test"), false));
        assertThat(away.keepCopy()).isFalse();
        refused(
                ApiException.Kind.MALFORMED,
                "own address",
                () -> bench.ask(Calls.FORWARD_USER, new UserForward(KIM, List.of("KIM@sample.org"), null)));
        refused(
                ApiException.Kind.MALFORMED,
                "does not exist here",
                () -> bench.ask(Calls.FORWARD_USER, new UserForward(KIM, List.of("gone@sample.org"), null)));
        bench.ask(Calls.REMOVE_USER, new UserQuery(KIM));
        assertThat(Files.readString(folder.resolve("aliases"))).isEmpty();
        assertThat(lineOf(KIM)).isEmpty();
    }

    @Test
    @DisplayName("A line that was written by hand a moment ago is seen and kept")
    void editsByHand() throws Exception {
        Files.writeString(users, Files.readString(users) + "hand@sample.org:{PLAIN}h\n");
        bench.ask(Calls.CHANGE_USER, UserChange.disabled("hand@sample.org", true));
        assertThat(lineOf("hand@sample.org")).isEqualTo("hand@sample.org:{PLAIN}h::::::nologin");
        assertThat(lineOf(KIM)).isNotEmpty();
    }
}
