package org.mailserv.server.store.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.cluster.ClusterFiles;
import org.mailserv.server.cluster.memory.MemoryTables;
import org.mailserv.server.cluster.memory.Network;
import org.mailserv.server.cluster.memory.Network.Kind;
import org.mailserv.server.disk.RealDisk;

@DisplayName("Files that are the same on all nodes")
class FileMirrorTest {
    private static final Pattern PEM = Pattern.compile(".*\\.pem");

    @TempDir
    Path folder;

    private final AtomicBoolean down = new AtomicBoolean();
    private MemoryTables tables = new MemoryTables(System::currentTimeMillis);
    private final List<FileMirror> mirrors = new ArrayList<>();

    @AfterEach
    void closeMirrors() {
        mirrors.forEach(FileMirror::close);
    }

    /** Tables that fail while the engine is down. */
    private final class Faulty implements Network {
        @Override
        public <T> CompletionStage<T> call(Kind kind, String name, java.util.function.Supplier<T> action) {
            return down.get()
                    ? CompletableFuture.failedFuture(new IOException("no quorum"))
                    : CompletableFuture.completedFuture(action.get());
        }
    }

    private FileMirror node(String name) {
        Path place = folder.resolve(name);
        MirroredFiles files = new MirroredFiles()
                .lines("users", place.resolve("users"))
                .octets("secret", place.resolve("secret"))
                .tree("dkim", place.resolve("dkim"), PEM);
        FileMirror mirror = new FileMirror(
                new ClusterFiles(tables.through(new Faulty()).files()),
                place.resolve("common"),
                new RealDisk(),
                files,
                Duration.ofMillis(20));
        mirrors.add(mirror);
        return mirror;
    }

    private Path file(String node, String name) {
        return folder.resolve(node).resolve(name);
    }

    private void write(String node, String name, String text) throws IOException {
        Path file = file(node, name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private String read(String node, String name) throws IOException {
        return Files.exists(file(node, name)) ? Files.readString(file(node, name)) : "(none)";
    }

    @Test
    @DisplayName("a file of one node appears on the other, and changes of both go both ways")
    void changesGoBothWays() throws Exception {
        FileMirror one = node("one");
        FileMirror other = node("other");
        write("one", "users", "kim@a.test:{PLAIN}x\n");
        write("one", "secret", "s");
        one.sync();
        other.sync();
        assertThat(read("other", "users")).isEqualTo("kim@a.test:{PLAIN}x\n");
        assertThat(read("other", "secret")).isEqualTo("s");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("other", "secret"))))
                .isEqualTo("rw-------");
        write("other", "users", "kim@a.test:{PLAIN}y\ndoug@a.test:{PLAIN}z\n");
        other.sync();
        one.sync();
        assertThat(read("one", "users")).isEqualTo("kim@a.test:{PLAIN}y\ndoug@a.test:{PLAIN}z\n");
    }

    @Test
    @DisplayName("two changes at once are both kept")
    void changesAtOnceAreMerged() throws Exception {
        FileMirror one = node("one");
        FileMirror other = node("other");
        write("one", "users", "# ours\nkim@a.test:1\ndoug@a.test:1\nann@a.test:1\n");
        one.sync();
        other.sync();
        write("one", "users", "# ours\nkim@a.test:2\ndoug@a.test:1\nann@a.test:1\nnew-one@a.test:1\n");
        write("other", "users", "# ours\nkim@a.test:1\nann@a.test:1\nnew-other@a.test:1\n");
        one.sync();
        other.sync();
        one.sync();
        assertThat(read("one", "users"))
                .isEqualTo("# ours\nkim@a.test:2\nann@a.test:1\nnew-one@a.test:1\nnew-other@a.test:1\n")
                .isEqualTo(read("other", "users"));
    }

    @Test
    @DisplayName("nodes that had users of their own before they met have the users of both")
    void firstMeeting() throws Exception {
        write("one", "users", "kim@a.test:1\n");
        write("other", "users", "kim@a.test:2\ndoug@a.test:1\n");
        FileMirror one = node("one");
        one.sync();
        node("other").sync();
        one.sync();
        assertThat(read("one", "users"))
                .isEqualTo("kim@a.test:1\ndoug@a.test:1\n")
                .isEqualTo(read("other", "users"));
    }

    @Test
    @DisplayName("a change made while the store was away, or the server down, is sent later")
    void sentLater() throws Exception {
        FileMirror one = node("one");
        FileMirror other = node("other");
        write("one", "users", "kim@a.test:1\n");
        one.sync();
        other.sync();
        down.set(true);
        new UsersFile(file("one", "users"), new RealDisk()).put(MailboxName.of("doug@a.test"), "{PLAIN}x");
        assertThatThrownBy(one::sync).isInstanceOf(IOException.class);
        down.set(false);
        node("one").sync();
        other.sync();
        assertThat(read("other", "users")).contains("kim@a.test:1\n").contains("doug@a.test:{PLAIN}x");
    }

    @Test
    @DisplayName("a lost users file is written again and not removed everywhere; a removed key is removed")
    void removals() throws Exception {
        FileMirror one = node("one");
        FileMirror other = node("other");
        write("one", "users", "kim@a.test:1\n");
        write("one", "dkim/a.test/r1.rsa.0.pem", "key");
        write("one", "dkim/a.test/notes.txt", "not a key");
        one.sync();
        other.sync();
        assertThat(read("other", "dkim/a.test/r1.rsa.0.pem")).isEqualTo("key");
        assertThat(read("other", "dkim/a.test/notes.txt")).isEqualTo("(none)");
        Files.delete(file("other", "users"));
        Files.delete(file("other", "dkim/a.test/r1.rsa.0.pem"));
        other.sync();
        one.sync();
        assertThat(read("other", "users")).isEqualTo("kim@a.test:1\n").isEqualTo(read("one", "users"));
        assertThat(read("one", "dkim/a.test/r1.rsa.0.pem")).isEqualTo("(none)");
        write("one", "dkim/a.test/r1.rsa.0.pem", "again");
        one.sync();
        other.sync();
        assertThat(read("other", "dkim/a.test/r1.rsa.0.pem")).isEqualTo("again");
    }

    @Test
    @DisplayName("a store that has lost its files, or another one, gets the files of the node and does not empty them")
    void anotherStore() throws Exception {
        FileMirror one = node("one");
        write("one", "users", "kim@a.test:1\n");
        write("one", "secret", "s");
        write("one", "dkim/a.test/r1.rsa.0.pem", "key");
        one.sync();
        write("one", "users", "kim@a.test:2\n");
        one.sync();
        tables = new MemoryTables(System::currentTimeMillis);
        node("one").sync();
        assertThat(read("one", "users")).isEqualTo("kim@a.test:2\n");
        assertThat(read("one", "secret")).isEqualTo("s");
        assertThat(read("one", "dkim/a.test/r1.rsa.0.pem")).isEqualTo("key");
        node("other").sync();
        assertThat(read("other", "users")).isEqualTo("kim@a.test:2\n");
        ClusterFiles files = new ClusterFiles(tables.through(Network.DIRECT).files());
        long version = files.versions().toCompletableFuture().get().get("users");
        assertThat(files.remove("users", version).toCompletableFuture().get()).isTrue();
        node("one").sync();
        node("other").sync();
        assertThat(read("one", "users")).isEqualTo("kim@a.test:2\n").isEqualTo(read("other", "users"));
    }

    @Test
    @DisplayName("a name that leads out of the folder is not written")
    void namesStayInside() throws Exception {
        byte[] content = "x".getBytes(UTF_8);
        ClusterFiles files = new ClusterFiles(tables.through(Network.DIRECT).files());
        for (String name :
                List.of("dkim/../../x.pem", "dkim/a.test/../x.pem", "dkim//x.pem", "other", "dkim/.x/.y.pem")) {
            files.replace(name, 0, content).toCompletableFuture().get();
        }
        node("one").sync();
        try (var all = Files.walk(folder)) {
            assertThat(all.filter(path -> path.toString().endsWith(".pem"))).isEmpty();
        }
    }

    @Test
    @DisplayName("whoever uses the files is told what another node has changed, and of nothing else")
    void listenersAreTold() throws Exception {
        Set<String> told = new CopyOnWriteArraySet<>();
        FileMirror one = node("one");
        FileMirror other = node("other");
        write("one", "users", "kim@a.test:1\n");
        one.sync();
        other.sync();
        other.start(told::addAll);
        await().untilAsserted(() -> assertThat(told).containsExactly("users"));
        write("one", "secret", "s");
        one.sync();
        await().untilAsserted(() -> assertThat(told).containsExactlyInAnyOrder("users", "secret"));
        down.set(true);
        write("one", "users", "kim@a.test:2\n");
        down.set(false);
        one.start(told::addAll);
        await().untilAsserted(() -> assertThat(read("other", "users")).isEqualTo("kim@a.test:2\n"));
    }
}
