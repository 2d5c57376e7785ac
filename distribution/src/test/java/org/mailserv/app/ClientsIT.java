package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.testing.ForeignPrograms;

/**
 * A maildrop of messages that are hard to carry, fetched by the programs that people have, and served beside Dovecot and mutt. What is
 * not installed is skipped.
 */
@Tag("peers")
@Timeout(300)
class ClientsIT {
    private static final String USER = "doug@the-richardsons.org";
    private static final String DOVECOT = "/usr/lib/dovecot/pop3";

    @TempDir
    Path folder;

    private Path maildir;
    private ServerProcess server;
    private Map<String, byte[]> messages;

    @BeforeEach
    void start() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        maildir = folder.resolve("data/domains/the-richardsons.org/doug");
        for (String part : List.of("new", "cur", "tmp")) {
            Files.createDirectories(maildir.resolve(part));
        }
        messages = new LinkedHashMap<>();
        put("a1.dots", "Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n\r\n.\r\n");
        put("a2.eight", "Subject: eight\r\n\r\n\u00e4\u00f6\u00fc \u00ff\u0080\r\n");
        put("a3.nul", "Subject: nul\r\n\r\na\0b\r\n");
        put("a4.open", "Subject: open\r\n\r\nno end of line");
        put("a5.lf", "Subject: lf\n\n.one\ntwo\n");
        put("a6.mixed", "Subject: mixed\r\n\r\none\ntwo\r\nthree\n");
        put("a7.long", "Subject: long\r\n\r\n" + "x".repeat(20_000) + "\r\n");
        put("a8.header", "Subject: header only\r\n");
        put("a9.large", "Subject: large\r\n\r\n" + ("." + "0123456789".repeat(7) + "\r\n").repeat(430_000));
        server = ServerProcess.start(folder);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private void put(String name, String text) throws IOException {
        messages.put(name, text.getBytes(ISO_8859_1));
        Files.write(maildir.resolve("new").resolve(name), text.getBytes(ISO_8859_1));
    }

    /** With every end of line as one LF, and one at the end: what a program on Unix keeps. */
    private static String unix(byte[] octets) {
        String text = new String(octets, ISO_8859_1).replace("\r\n", "\n");
        return text.endsWith("\n") ? text : text + "\n";
    }

    private List<String> expected() {
        return messages.values().stream().map(ClientsIT::unix).sorted().toList();
    }

    private static List<String> contents(Path place) throws IOException {
        List<String> texts = new ArrayList<>();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                // getmail6 adds a Return-Path where there is none, and an end to a header without one.
                texts.add(unix(Files.readAllBytes(file))
                        .replaceFirst("\\AReturn-Path: <unknown>\n", "")
                        .replaceFirst("\\A(Subject: header only\n)\n\\z", "$1"));
            }
        }
        texts.sort(Comparator.naturalOrder());
        return texts;
    }

    private Path file(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text.formatted(server.pop3Port(), folder));
        Files.setPosixFilePermissions(
                file, PosixFilePermissions.fromString(text.startsWith("#!") ? "rwx------" : "rw-------"));
        return file;
    }

    private void assertFetched(Path place) throws IOException {
        List<String> found = contents(place);
        assertThat(found).hasSameSizeAs(expected());
        for (int i = 0; i < found.size(); i++) {
            // Not all of thirty million characters in a message that nobody reads.
            assertThat(found.get(i).equals(expected().get(i)))
                    .as("%s", found.get(i).lines().findFirst())
                    .isTrue();
        }
    }

    @Test
    @DisplayName("U2: Python's poplib fetches each octet, and sizes and UIDs are what they were said to be")
    void poplib() throws Exception {
        Path out = Files.createDirectories(folder.resolve("out"));
        Tools.python("fetch_all.py", server.pop3Port(), USER, "secret", out);
        for (Map.Entry<String, byte[]> message : messages.entrySet()) {
            String text = new String(message.getValue(), ISO_8859_1).replaceAll("(?<!\r)\n", "\r\n");
            byte[] wire = (text.endsWith("\r\n") ? text : text + "\r\n").getBytes(ISO_8859_1);
            assertThat(Files.readAllBytes(out.resolve(message.getKey())))
                    .as(message.getKey())
                    .isEqualTo(wire);
        }
    }

    @Test
    @DisplayName("U2: curl fetches each message")
    void curl() throws Exception {
        Path out = Files.createDirectories(folder.resolve("out"));
        for (int i = 1; i <= messages.size(); i++) {
            Tools.curl(
                    "pop3",
                    "-u",
                    USER + ":secret",
                    "-o",
                    out.resolve("m" + i).toString(),
                    "pop3://127.0.0.1:" + server.pop3Port() + "/" + i);
        }
        assertFetched(out);
    }

    @Test
    @DisplayName("U2: mpop fetches each message into a Maildir, and deletes them here")
    void mpop() throws Exception {
        Path out = folder.resolve("out");
        for (String part : List.of("new", "cur", "tmp")) {
            Files.createDirectories(out.resolve(part));
        }
        Path config = file("mpoprc", """
                defaults
                tls off
                keep off
                received_header off
                uidls_file %2$s/uidls
                account a
                host 127.0.0.1
                port %1$d
                user doug@the-richardsons.org
                password secret
                auth user
                delivery maildir %2$s/out
                account default : a
                """);
        ForeignPrograms.assumeAble("mpop", "mpop version 1", "mpop", "--version");
        Tools.run("mpop", "-C", config.toString(), "-Q");
        assertFetched(out);
        assertThat(contents(maildir)).isEmpty();
    }

    @Test
    @DisplayName("U2: fetchmail fetches each message, and a second run finds nothing")
    void fetchmail() throws Exception {
        Path out = Files.createDirectories(folder.resolve("out"));
        Path deliver = file("deliver", "#!/bin/sh\nexec cat > \"%2$s/out/$$\"\n");
        Path config = file("fetchmailrc", """
                set invisible
                set idfile %2$s/ids
                set pidfile %2$s/pid
                poll 127.0.0.1 service %1$d protocol pop3 auth password uidl:
                  user "doug@the-richardsons.org" password "secret" sslproto "" keep mda "%2$s/deliver"
                """);
        assertThat(deliver).isExecutable();
        ForeignPrograms.assumeAble("fetchmail", "fetchmail release 6", "fetchmail", "-V", "-f", "/dev/null");
        ServerProcess.Result result = Tools.attempt(List.of("fetchmail", "-f", config.toString(), "-N", "--nosyslog"));
        assertThat(result.code()).as(result.output()).isZero();
        List<String> subjects = contents(out).stream()
                .map(text -> text.lines()
                        .filter(line -> line.startsWith("Subject:"))
                        .findFirst()
                        .orElse("none"))
                .toList();
        assertThat(subjects).hasSize(messages.size());
        assertThat(contents(out)).anyMatch(text -> text.equals(unix(messages.get("a9.large"))));
        assertThat(Tools.attempt(List.of("fetchmail", "-f", config.toString(), "-N", "--nosyslog"))
                        .code())
                .as("no mail")
                .isEqualTo(1);
    }

    @Test
    @DisplayName("U2: getmail6 fetches each message into a Maildir")
    void getmail() throws Exception {
        Path out = folder.resolve("out");
        for (String part : List.of("new", "cur", "tmp")) {
            Files.createDirectories(out.resolve(part));
        }
        file("getmailrc", """
                [retriever]
                type = SimplePOP3Retriever
                server = 127.0.0.1
                port = %1$d
                username = doug@the-richardsons.org
                password = secret
                [destination]
                type = Maildir
                path = %2$s/out/
                [options]
                delivered_to = false
                received = false
                verbose = 0
                """);
        // It refuses to work as root.
        assumeRootAndSetpriv();
        ForeignPrograms.assumeAble("getmail 6", "getmail 6", "/usr/bin/getmail", "--version");
        Tools.run(
                "chown",
                "-R",
                "nobody",
                folder.resolve("out").toString(),
                folder.resolve("getmailrc").toString());
        Path home = Files.createDirectories(folder.resolve("getmail-home"));
        Tools.run("chown", "nobody", home.toString());
        Tools.run(
                "setpriv",
                "--reuid=nobody",
                "--regid=nogroup",
                "--clear-groups",
                "env",
                "HOME=" + home,
                "/usr/bin/getmail",
                "--getmaildir=" + home,
                "--rcfile=" + folder.resolve("getmailrc"));
        assertFetched(out);
    }

    private static void assumeRootAndSetpriv() throws Exception {
        ForeignPrograms.assumeAble("the rights of root", "^0$", "id", "-u");
        ForeignPrograms.assumeAble("setpriv", "clear-groups", "setpriv", "--help");
        ForeignPrograms.assumeAble("the user nobody", "[0-9]", "id", "-u", "nobody");
    }

    private Map<String, String> listing(String lines) {
        Map<String, String> listing = new LinkedHashMap<>();
        lines.lines()
                .map(line -> line.strip().split(" "))
                .filter(words -> words.length == 2 && words[0].matches("[0-9]+"))
                .forEach(words -> listing.put(words[0], words[1]));
        return listing;
    }

    private String ask(String command) throws Exception {
        return Tools.curl("pop3", "-u", USER + ":secret", "pop3://127.0.0.1:" + server.pop3Port() + "/", "-X", command);
    }

    /** Dovecot's POP3 over the same folder, already logged in. */
    private String dovecot(String commands) throws Exception {
        // The settings below are those of 2.3; 2.4 has other names.
        ForeignPrograms.assumeAble("Dovecot 2.3", "^2\\.3\\.", "dovecot", "--version");
        ForeignPrograms.assumeAble("Dovecot with POP3", DOVECOT, "ls", DOVECOT);
        assumeRootAndSetpriv();
        Path place = Files.createDirectories(folder.resolve("dovecot"));
        Files.writeString(place.resolve("conf"), """
                protocols = pop3
                mail_location = maildir:%s:INDEX=%s/index
                pop3_uidl_format = %%f
                ssl = no
                base_dir = %s/base
                log_path = %s/log
                first_valid_uid = 1
                """.formatted(maildir, place, place, place));
        Tools.run(
                "chown",
                "-R",
                "nobody",
                place.toString(),
                folder.resolve("data").toString());
        Process process = new ProcessBuilder(
                        "setpriv",
                        "--reuid=nobody",
                        "--regid=nogroup",
                        "--clear-groups",
                        "env",
                        "USER=nobody",
                        "HOME=" + place,
                        DOVECOT,
                        "-c",
                        place.resolve("conf").toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var in = process.getOutputStream()) {
            in.write(commands.getBytes(ISO_8859_1));
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        process.getInputStream().transferTo(text);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return text.toString(ISO_8859_1);
    }

    @Test
    @DisplayName(
            "U2: Dovecot on the same Maildir serves the same sizes and UIDs, before and after it has moved and flagged mail")
    void dovecotBesideUs() throws Exception {
        Map<String, String> sizes = listing(ask("LIST"));
        Map<String, String> uids = listing(ask("UIDL"));
        String list = dovecot("LIST\r\nQUIT\r\n");
        String uidl = dovecot("UIDL\r\nRETR 1\r\nQUIT\r\n");
        Map<String, String> theirSizes = bySubject(listing(list), listing(uidl.split("\n[.]")[0]));
        // Dovecot does not count the CRLF that it adds to a file without one at its end; the size here is that of what
        // RETR sends.
        theirSizes.computeIfPresent("a4.open", (uid, size) -> String.valueOf(Integer.parseInt(size) + 2));
        assertThat(bySubject(sizes, uids)).isEqualTo(theirSizes).hasSize(messages.size());
        // By now all are in cur, the first with the flag of what was read.
        assertThat(maildir.resolve("new")).isEmptyDirectory();
        assertThat(maildir.resolve("cur/a1.dots:2,S")).exists();
        assertThat(bySubject(listing(ask("LIST")), listing(ask("UIDL")))).isEqualTo(theirSizes);
        // What one deletes is gone for the other.
        dovecot("DELE 1\r\nQUIT\r\n");
        assertThat(listing(ask("UIDL"))).hasSize(messages.size() - 1).doesNotContainValue("a1.dots");
        Tools.curl("pop3", "-u", USER + ":secret", "-I", "-X", "DELE", "pop3://127.0.0.1:" + server.pop3Port() + "/1");
        assertThat(listing(dovecot("UIDL\r\nQUIT\r\n"))).hasSize(messages.size() - 2);
    }

    private static Map<String, String> bySubject(Map<String, String> sizes, Map<String, String> uids) {
        Map<String, String> byUid = new java.util.TreeMap<>();
        uids.forEach((number, uid) -> byUid.put(uid, String.valueOf(sizes.get(number))));
        return byUid;
    }

    @Test
    @DisplayName("U2: mutt marks and deletes in the same Maildir, and we see what it left")
    void muttBesideUs() throws Exception {
        Path config = Files.writeString(folder.resolve("muttrc"), """
                set mbox_type=Maildir folder=%1$s quit=yes delete=yes move=no header_cache="" confirmappend=no
                push "<tag-pattern>~s dots<enter><tag-prefix><delete-message><sync-mailbox><quit>"
                """.formatted(folder));
        ForeignPrograms.assumeAble("mutt", "^Mutt", "mutt", "-v");
        ForeignPrograms.assumeAble("script", "", "script", "-qec", "true", "/dev/null");
        Tools.run(
                "script",
                "-qec",
                "env TERM=xterm HOME=" + folder + " mutt -n -F " + config + " -f " + maildir,
                "/dev/null");
        assertThat(listing(ask("UIDL"))).hasSize(messages.size() - 1).doesNotContainValue("a1.dots");
        assertThat(Files.exists(maildir.resolve("new/a1.dots"))).isFalse();
    }
}
