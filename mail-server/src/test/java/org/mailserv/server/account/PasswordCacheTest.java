package org.mailserv.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.disk.RealDisk;

class PasswordCacheTest {
    private static final String HASH = PasswordScheme.hash("secret");

    private final PasswordCache cache = new PasswordCache(100, Duration.ofHours(1));

    @TempDir
    Path folder;

    private LocalAccounts accounts() throws Exception {
        Path users = folder.resolve("users");
        Files.writeString(users, "ann@example.org:" + HASH + "\n");
        DomainConfig domain = new DomainConfig(null, Map.of(), Map.of(), null, null);
        return new LocalAccounts(
                Map.of("example.org", domain),
                null,
                OwnNames.NONE,
                new UsersFile(users, new RealDisk()),
                null,
                "+",
                1,
                cache);
    }

    private static Account login(LocalAccounts accounts, String name, String password) throws Exception {
        return accounts.authenticate(name, password).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("a correct password is remembered, a wrong one is not")
    void onlyCorrectPasswords() throws Exception {
        try (LocalAccounts accounts = accounts()) {
            assertThat(login(accounts, "ann@example.org", "wrong")).isNull();
            assertThat(cache.contains(HASH, "wrong")).isFalse();
            assertThat(login(accounts, "ann@example.org", "secret")).isNotNull();
            assertThat(cache.contains(HASH, "secret")).isTrue();
            assertThat(login(accounts, "ann@example.org", "wrong")).isNull();
        }
    }

    @Test
    @DisplayName("a remembered password is not hashed again, and opens no unknown account")
    void isConsulted() throws Exception {
        try (LocalAccounts accounts = accounts()) {
            // Nothing but the cache could take this one.
            cache.add(HASH, "only in the cache");
            assertThat(login(accounts, "ann@example.org", "only in the cache")).isNotNull();
            assertThat(login(accounts, "nobody@example.org", "only in the cache"))
                    .isNull();
        }
    }

    @Test
    @DisplayName("a changed password or users file, and a new configuration, forget what is remembered")
    void forgets() throws Exception {
        try (LocalAccounts accounts = accounts()) {
            assertThat(login(accounts, "ann@example.org", "secret")).isNotNull();
            String changed = PasswordScheme.hash("other");
            Files.writeString(folder.resolve("users"), "ann@example.org:" + changed + "\nbob@example.org:{PLAIN}x\n");
            Awaitility.await().until(() -> !cache.contains(HASH, "secret"));
            assertThat(login(accounts, "ann@example.org", "secret")).isNull();
            assertThat(login(accounts, "ann@example.org", "other")).isNotNull();
            assertThat(cache.contains(changed, "other")).isTrue();
            accounts.prepare(Map.of(), null).run();
            assertThat(cache.contains(changed, "other")).isFalse();
        }
    }

    @Test
    @DisplayName("an entry belongs to one stored hash, and its key differs in each process")
    void keys() {
        cache.add(HASH, "secret");
        assertThat(cache.contains(PasswordScheme.hash("secret"), "secret")).isFalse();
        assertThat(cache.contains(HASH, "Secret")).isFalse();
        assertThat(new PasswordCache(1, Duration.ofHours(1)).mac(HASH, "secret"))
                .isNotEqualTo(cache.mac(HASH, "secret"));
    }

    @Test
    @DisplayName("without size or time nothing is remembered")
    void disabled() {
        for (PasswordCache off :
                List.of(new PasswordCache(0, Duration.ofHours(1)), new PasswordCache(100, Duration.ZERO))) {
            off.add(HASH, "secret");
            assertThat(off.contains(HASH, "secret")).isFalse();
        }
    }
}
