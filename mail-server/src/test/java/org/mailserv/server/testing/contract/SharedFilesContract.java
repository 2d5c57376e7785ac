package org.mailserv.server.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mailserv.server.store.SharedFiles;

/** The promises of {@link SharedFiles} to commands and to the mirror on each node. */
public abstract class SharedFilesContract {
    private final String name = "users-" + UUID.randomUUID();
    private SharedFiles files;

    protected abstract SharedFiles open() throws Exception;

    @BeforeEach
    void openFiles() throws Exception {
        files = open();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private boolean replace(long version, String text) throws Exception {
        return get(files.replace(name, version, text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aFileIsMadeOnceAndChangedByWhoHasReadIt() throws Exception {
        assertThat(get(files.read(name))).isNull();
        assertThat(replace(SharedFiles.MISSING, "one")).isTrue();
        assertThat(replace(SharedFiles.MISSING, "other")).isFalse();
        SharedFiles.Content first = get(files.read(name));
        assertThat(first.content()).asString(StandardCharsets.UTF_8).isEqualTo("one");
        assertThat(replace(first.version(), "two")).isTrue();
        assertThat(replace(first.version(), "three")).isFalse();
        SharedFiles.Content second = get(open().read(name));
        assertThat(second.content()).asString(StandardCharsets.UTF_8).isEqualTo("two");
        assertThat(second.version()).isGreaterThan(first.version());
        assertThat(get(files.versions())).containsEntry(name, second.version());
    }

    @Test
    void aRemovedFileCanBeMadeAgain() throws Exception {
        assertThat(replace(SharedFiles.MISSING, "one")).isTrue();
        long first = get(files.read(name)).version();
        assertThat(get(files.remove(name, first + 1))).isFalse();
        assertThat(get(files.remove(name, first))).isTrue();
        assertThat(get(files.read(name))).isNull();
        long removed = get(files.versions()).get(name);
        assertThat(removed).isGreaterThan(first);
        assertThat(replace(SharedFiles.MISSING, "late")).isFalse();
        assertThat(replace(removed, "two")).isTrue();
        assertThat(get(files.read(name)).content())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("two");
    }
}
