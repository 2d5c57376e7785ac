package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code --json} of all commands, beside a running server: one object per line, and nothing else on standard output. */
@Timeout(300)
class JsonOutputIT {
    @TempDir
    static Path folder;

    private static ServerProcess server;

    private record Answer(int code, String output, String errors) {
        List<JsonObject> objects() {
            return output.lines()
                    .map(JsonParser::parseString)
                    .map(JsonElement::getAsJsonObject)
                    .toList();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        Path data = folder.resolve("data");
        // In this process the working folder is another one.
        server = ServerProcess.start(
                folder,
                ServerProcess.CONFIG
                        + "data-dir = \"%s\"\nusers-file = \"%s\"\n".formatted(data, folder.resolve("users"))
                        + "domains.\"sample.org\".postmaster = kim\n"
                        + "relay { allow-loopback = true, routes { \"dead.test\" { host = \"127.0.0.1\", port = %d } } }\n"
                                .formatted(Pebble.freePort())
                        + "relay-networks = [\"127.0.0.0/8\"]\n"
                        + "listeners = [ { kind = smtp, address = \"127.0.0.1\", port = %d } ]\n"
                                .formatted(Pebble.freePort())
                        + "listeners += { kind = submissions, address = \"127.0.0.1\", port = 0 }\n"
                        + "reports.dmarc = true\n"
                        + "dns { servers = [\"127.0.0.1:9\"], timeout = 1s }\n");
        MailClient.send(
                server.port("smtp"), "kim@sample.org", "Subject: x\n\nx\n", "a@dead.test", "doug@the-richardsons.org");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !run("queue", "summary").output().contains("No mail"));
        Files.writeString(folder.resolve("mail.eml"), "From: a@sample.org\nSubject: x\n\nx\n");
        Files.writeString(folder.resolve("mail.mbox"), "From a@b.test Thu Jan  1 00:00:00 2026\nSubject: x\n\nx\n");
        Files.writeString(folder.resolve("passwd"), "new@sample.org:{PLAIN}x\n");
        Files.writeString(folder.resolve("aliases-of-others"), "list: kim\n");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static Answer run(String... words) {
        List<String> all =
                new ArrayList<>(List.of("-c", folder.resolve("mailserv.conf").toString()));
        all.addAll(Arrays.asList(words));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] arguments = all.toArray(String[]::new);
        int code = Main.commandLine(arguments)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Answer(code, out.toString(), err.toString());
    }

    /** The words of a command, the field that its first object has, and the exit code. */
    @ParameterizedTest
    @CsvSource({
        "queue,id,0",
        "queue list,id,0",
        "queue show --domain dead.test,id,0",
        "queue summary,destination,0",
        "queue hold --domain dead.test,id,0",
        "queue release --domain dead.test,id,0",
        "queue retry --domain dead.test,id,0",
        "queue bounce --domain dead.test --dry-run,changed,0",
        "queue remove --domain dead.test --dry-run,changed,0",
        "top,sessions,0",
        "support-bundle FOLDER/bundle.zip,file,0",
        "top --once,destinations,0",
        "sessions,,0",
        "reload,restart_needed,0",
        "reload --dry-run,changes,0",
        "reports --now,sent,0",
        "received-reports,,0",
        "doctor,verdict,",
        "trace a@dead.test,events,0",
        "explain kim@sample.org,subject,0",
        "explain a@dead.test,subject,0",
        "explain --message FOLDER/mail.eml --client 192.0.2.1 --helo x --from a@b.test,subject,",
        "dns-check --probe= --list=,result,1",
        "tls,lines,0",
        "tls renew,,1",
        "tls rollover,,1",
        "test-delivery kim@sample.org,step,0",
        "check-config,ok,0",
        "config show,origin,0",
        "config show --changed,origin,0",
        "config defaults,key,0",
        "dkim keygen sample.org,record,0",
        "dkim rotate sample.org,record,0",
        "dkim activate sample.org --force,active_from,0",
        "dkim list,record,0",
        "dkim,record,0",
        "user list,,0",
        "user show kim@sample.org,,0",
        "alias list,,0",
        "mailbox list,octets,0",
        "mailbox check,,",
        "mailbox import kim@sample.org FOLDER/mail.mbox,imported,0",
        "mailbox export kim@sample.org --mbox FOLDER/out.mbox,messages,0",
        "import users FOLDER/passwd,imported,0",
        "import aliases FOLDER/aliases-of-others,imported,0",
        "backup FOLDER/backup,text,0",
        "version,version,0",
    })
    @DisplayName("prints one JSON object per line")
    void json(String words, String field, Integer code) {
        String line = words.replace("FOLDER", folder.toString()) + " --json";
        Answer answer = run(line.split(" "));

        assertThat(answer.objects())
                .as(words)
                .allSatisfy(object -> assertThat(object.size()).isPositive());
        if (field != null) {
            assertThat(answer.objects()).as(words + answer.errors()).isNotEmpty();
            assertThat(answer.objects().get(0).keySet()).contains(field);
        }
        if (code != null) {
            assertThat(answer.code()).as(words + answer.errors()).isEqualTo(code);
        }
    }

    @Test
    @DisplayName("a configuration with errors is told as JSON too, and ends with 78")
    void errorsOfTheConfiguration() throws Exception {
        Path wrong = Files.writeString(folder.resolve("wrong.conf"), "hostname = 1\nnosuch = 2\n");
        StringWriter out = new StringWriter();
        String[] words = {"-c", wrong.toString(), "check-config", "--json"};
        assertThat(Main.commandLine(words).setOut(new PrintWriter(out, true)).execute(words))
                .isEqualTo(78);
        JsonObject told = JsonParser.parseString(out.toString()).getAsJsonObject();
        assertThat(told.get("ok").getAsBoolean()).isFalse();
        assertThat(told.get("problems").toString()).contains("nosuch");
    }

    @Test
    @DisplayName("the spool of a stopped server too")
    void stopped() throws Exception {
        Path place = Files.createDirectories(folder.resolve("stopped"));
        Path data = place.resolve("data");
        String config = ServerProcess.CONFIG
                + "data-dir = \"%s\"\nusers-file = \"%s\"\n".formatted(data, place.resolve("users"))
                + "relay-networks = [\"127.0.0.0/8\"]\ndns.servers = [\"127.0.0.1:9\"]\n";
        try (ServerProcess other = ServerProcess.start(place, config)) {
            MailClient.send(other.port("smtp"), "kim@sample.org", "Subject: x\n\nx\n", "a@far.test");
        }
        for (String words : List.of("spool list", "spool fsck", "queue summary", "queue list")) {
            List<String> all =
                    new ArrayList<>(List.of("-c", place.resolve("mailserv.conf").toString()));
            all.addAll(List.of((words + " --json").split(" ")));
            StringWriter out = new StringWriter();
            CommandLine line = Main.commandLine(all.toArray(String[]::new));
            assertThat(line.setOut(new PrintWriter(out, true)).execute(all.toArray(String[]::new)))
                    .as(words)
                    .isZero();
            assertThat(JsonParser.parseString(out.toString().lines().findFirst().orElse(""))
                            .isJsonObject())
                    .as(words)
                    .isTrue();
        }
    }
}
