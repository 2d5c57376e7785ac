package org.mailserv.app.transfer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.app.config.OwnerOfData;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.disk.FileNames;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.mailbox.maildir.MaildirName;
import org.mailserv.server.spool.SealedIds;

class MailboxImportTest {
    private static final SealedIds IDS = SealedIds.withoutKey();
    private static final Instant LONG_AGO = Instant.parse("2020-09-11T12:00:00.123456789Z");

    @TempDir
    Path folder;

    private Path source;
    private Path mailbox;

    @BeforeEach
    void makeSource() throws IOException {
        source = folder.resolve("Maildir");
        mailbox = folder.resolve("mailbox");
        for (String part : List.of("cur", "new", "tmp")) {
            Files.createDirectories(source.resolve(part));
        }
    }

    private Path put(String name, String content) throws IOException {
        Path file = source;
        for (String part : name.split("/")) {
            file = FileNames.resolve(file, part);
        }
        Files.createDirectories(file.getParent());
        Files.write(file, content.getBytes(ISO_8859_1));
        Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
        return file;
    }

    private record Outcome(int imported, int present, int changed, List<String> problems) {}

    private Outcome importIt() throws Exception {
        return importIt(new ImportSources("", UidLists.DOVECOT_FORMAT).of(source));
    }

    private Outcome importIt(MailSource from) throws Exception {
        OwnerOfData.Owner nobody = new OwnerOfData.Owner(-1, -1);
        try (MailboxImport run = MailboxImport.open(mailbox, new RealDisk(), IDS, nobody, count -> {})) {
            from.read(run);
            run.commit();
            return new Outcome(run.imported(), run.present(), run.changed(), run.problems());
        }
    }

    /** Messages of a folder in their order: unique id, part, flags and content. */
    private List<String> messages(String name) throws IOException {
        Map<Long, String> found = new TreeMap<>();
        Path where = name.isEmpty() ? mailbox : FileNames.resolve(mailbox, name);
        for (String part : List.of("new", "cur")) {
            for (String file : new RealDisk().list(where.resolve(part))) {
                Path path = where.resolve(part).resolve(file);
                long micros = IDS.microsOf(MaildirName.id(MaildirName.unique(file)));
                assertThat(micros).isNotEqualTo(SealedIds.UNKNOWN);
                assertThat(Files.getPosixFilePermissions(path)).hasSize(2);
                found.put(
                        micros,
                        MaildirName.uid(file) + " " + part + " " + MaildirName.flags(file) + " "
                                + Files.readString(path, ISO_8859_1));
            }
        }
        assertThat(new RealDisk().list(where.resolve("tmp"))).isEmpty();
        return List.copyOf(found.values());
    }

    @Test
    @DisplayName("line ends, flags, dates and folders come as they are in the source, in its order")
    void keepsWhatItKnows() throws Exception {
        put("cur/1600000002.M2P1.host,S=9,W=10:2,SFR", "A: 2\n\nx\n");
        put("cur/1600000001.M1P1.host:2,", "A: 1\r\n\r\nx");
        put("new/1600000001.M3P1.host", "A: 3\n");
        put(".Sent/cur/1600000003.M1P1.host:2,S", "A: 4\n");
        put(".Archive.2020/new/1600000004.M1P1.host", "A: 5\n");
        put("Lists/Java/cur/1600000005.M1P1.host:2,", "A: 6\n");
        put(".Sent/tmp/1600000006.M1P1.host", "unfinished");
        put("subscriptions", "Sent\n");

        assertThat(importIt()).isEqualTo(new Outcome(6, 0, 0, List.of()));

        assertThat(messages(""))
                .containsExactly(
                        "1600000001.M1P1.host cur  A: 1\r\n\r\nx\r\n",
                        "1600000001.M3P1.host new  A: 3\r\n",
                        "1600000002.M2P1.host,S=9,W=10 cur FRS A: 2\r\n\r\nx\r\n");
        assertThat(messages(".Sent")).singleElement().asString().endsWith(" cur S A: 4\r\n");
        assertThat(messages(".Archive.2020")).singleElement().asString().endsWith(" new  A: 5\r\n");
        assertThat(messages(".Lists.Java")).singleElement().asString().endsWith(" cur  A: 6\r\n");
        assertThat(mailbox.resolve("subscriptions")).hasContent("Sent\n");
        for (String file : new RealDisk().list(mailbox.resolve("cur"))) {
            assertThat(Files.getLastModifiedTime(mailbox.resolve("cur").resolve(file))
                            .toInstant())
                    .isEqualTo(LONG_AGO);
        }
    }

    @Test
    @DisplayName("a second run adds what came since, follows flags, and brings nothing back that was deleted here")
    void runsAgain() throws Exception {
        put("cur/1.host:2,", "A: 1\n");
        put("cur/2.host:2,S", "A: 2\n");
        put("new/3.host", "A: 3\n");
        put("new/4.host", "A: 4\n");
        importIt();
        assertThat(importIt()).isEqualTo(new Outcome(0, 4, 0, List.of()));

        // Here: one is deleted, one is answered.
        for (String file : new RealDisk().list(mailbox.resolve("cur"))) {
            Path path = mailbox.resolve("cur").resolve(file);
            if (MaildirName.uid(file).equals("1.host")) {
                Files.delete(path);
            } else {
                Files.move(path, path.resolveSibling(MaildirName.unique(file) + ":2,RS"));
            }
        }
        // There: flags change, one is read, one gets its size into its name, one is new, one is deleted.
        Files.move(source.resolve("cur/1.host:2,"), source.resolve("cur/1.host:2,F"));
        Files.move(source.resolve("cur/2.host:2,S"), source.resolve("cur/2.host:2,F"));
        Files.move(source.resolve("new/3.host"), source.resolve("cur/3.host,S=5:2,S"));
        Files.delete(source.resolve("new/4.host"));
        put("new/5.host", "A: 5\n");

        assertThat(importIt()).isEqualTo(new Outcome(1, 3, 2, List.of()));
        assertThat(messages(""))
                .containsExactlyInAnyOrder(
                        "2.host cur FR A: 2\r\n",
                        "3.host cur S A: 3\r\n",
                        "4.host new  A: 4\r\n",
                        "5.host new  A: 5\r\n");
        assertThat(importIt()).isEqualTo(new Outcome(0, 4, 0, List.of()));
    }

    @Test
    @DisplayName("a moved source, and messages of one name or of one content, are told apart")
    void knowsMessages() throws Exception {
        put("cur/1:2,", "A: 1\n");
        put("cur/2:2,", "A: 1\n");
        assertThat(importIt().imported()).isEqualTo(2);
        Path moved = folder.resolve("moved");
        Files.move(source, moved);
        source = moved;
        assertThat(importIt().imported()).isZero();
        source = folder.resolve("other");
        put("cur/1:2,", "A: 9\n");
        assertThat(importIt().imported()).isEqualTo(1);
        assertThat(messages("")).hasSize(3);
    }

    @Test
    @DisplayName("a run that was cut short anywhere is completed by the next one, each message once")
    void isCutShort() throws Exception {
        for (int i = 0; i < 600; i++) {
            put("new/" + (1_600_000_000 + i) + ".host", "A: " + i + "\n");
        }
        int batch = 256;
        for (int stop : new int[] {1, batch, batch + 1, 599}) {
            OwnerOfData.Owner nobody = new OwnerOfData.Owner(-1, -1);
            MailboxImport run = MailboxImport.open(mailbox, new RealDisk(), IDS, nobody, count -> {
                if (count == stop) {
                    throw new IllegalStateException("cut short");
                }
            });
            assertThatThrownBy(() -> new MaildirSource(source, UidLists.DOVECOT_FORMAT).read(run))
                    .hasMessage("cut short");
            run.close();
        }
        // After the log, before the name.
        Path named = mailbox.resolve("new")
                .resolve(new RealDisk().list(mailbox.resolve("new")).get(0));
        Files.move(named, mailbox.resolve("tmp").resolve("import." + named.getFileName()));

        Outcome last = importIt();
        assertThat(last.imported() + last.present()).isEqualTo(600);
        assertThat(messages("")).hasSize(600);
    }

    @Test
    @DisplayName("two imports into one mailbox do not run at the same time")
    void isAlone() throws Exception {
        OwnerOfData.Owner nobody = new OwnerOfData.Owner(-1, -1);
        try (MailboxImport one = MailboxImport.open(mailbox, new RealDisk(), IDS, nobody, count -> {})) {
            assertThat(one.imported()).isZero();
            assertThatThrownBy(this::importIt).hasMessageContaining("another import into this mailbox is running");
        }
    }

    @Test
    @DisplayName("unique ids and order of Dovecot's list are kept, and no id is given twice")
    void keepsUniqueIds() throws Exception {
        put("cur/b:2,S", "A: b\n");
        put("cur/a,S=5:2,S", "A: a\n");
        put("new/d", "A: d\n");
        put("cur/c:2,", "A: c\n");
        put("cur/e:2,", "A: e\n");
        put(
                "dovecot-uidlist",
                "3 V1795763089 N9 G6d05e622\n1 W6 :b\n2 PUID2-77 :a\n7 P/o%:d,\\ W6 :c\n8 PUID2-77 :e\n");
        importIt();
        assertThat(messages(""))
                .containsExactly(
                        "000000016b092b91 cur S A: b\r\n",
                        "UID2-77 cur S A: a\r\n",
                        "/o%:d,\\ cur  A: c\r\n",
                        messages("").get(3),
                        "d new  A: d\r\n");
        assertThat(messages("").get(3)).matches("(?s)[0-9a-z]{16} cur  A: e\r\n");
    }

    @Test
    @DisplayName("gzip is read; what cannot be read is named with its reason, and the rest is imported")
    void namesWhatItCannotRead() throws Exception {
        Path packed = put("cur/1.host,S=5:2,SZ", "");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write("A: 1\n".getBytes(ISO_8859_1));
        }
        put("cur/2.bzip2:2,", "BZh91AY&SY");
        put("cur/3.zstd:2,", "\u0028\u00b5\u002f\u00fd....");
        put("cur/4.broken:2,", "\u001f\u008b\u0008\u0000\u0000\u0000\u0000\u0000xx");
        put("cur/5.crypt:2,", "CRYPTED\u0003\u0007");
        Files.createSymbolicLink(source.resolve("cur/6.link:2,"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(source.resolve(".Linked"), Path.of("/"));
        Files.createDirectory(source.resolve("cur/7.folder"));
        put("new/8.host", "A: 8\n");

        Outcome outcome = importIt();

        assertThat(outcome.imported()).isEqualTo(2);
        assertThat(messages("")).containsExactlyInAnyOrder("1.host,S=5 cur S A: 1\r\n", "8.host new  A: 8\r\n");
        assertThat(String.join("\n", outcome.problems()))
                .contains("2.bzip2:2,: compressed by bzip2")
                .contains("3.zstd:2,: compressed by zstd")
                .contains("4.broken:2,: ")
                .contains("5.crypt:2,: encrypted")
                .contains("6.link:2,: a symbolic link")
                .contains(".Linked: a symbolic link")
                .contains("7.folder: not a file");
        assertThat(outcome.problems()).hasSize(7);
        assertThat(importIt().imported()).isZero();
    }

    @Test
    @DisplayName("names of files and folders may be of any octets")
    void takesEveryName() throws Exception {
        put("cur/" + FileNames.text("gr\u00fcn".getBytes(ISO_8859_1)) + ":2,S", "A: 1\n");
        put("." + FileNames.text("Entw\u00fcrfe".getBytes(ISO_8859_1)) + "/cur/1:2,", "A: 2\n");
        assertThat(importIt().imported()).isEqualTo(2);
        assertThat(importIt().imported()).isZero();
        assertThat(messages("")).singleElement().asString().endsWith(" cur S A: 1\r\n");
        assertThat(messages("." + FileNames.text("Entw\u00fcrfe".getBytes(ISO_8859_1))))
                .hasSize(1);
    }

    @Test
    @DisplayName("what was exported comes back the same: folders, flags, dates, order and unique ids")
    void comesBack() throws Exception {
        put("cur/b:2,RS", "Subject: b\n\nFrom me\n>From you\n");
        put("new/a", "Subject: a\n\n\n\n");
        put(".Sent/cur/c:2,S", "Subject: c\n\n");
        put("dovecot-uidlist", "3 V1 N9\n1 :b\n2 :a\n");
        importIt();
        List<String> inbox = messages("");
        Path exported = folder.resolve("exported");
        Path mbox = folder.resolve("mbox");
        MailboxExport export = new MailboxExport(mailbox, new RealDisk(), IDS, count -> {});
        assertThat(export.toMaildir(exported)).isEqualTo(3);
        assertThat(new MailboxExport(mailbox, new RealDisk(), IDS, count -> {}).toMaildir(exported))
                .isZero();
        assertThat(new MailboxExport(mailbox, new RealDisk(), IDS, count -> {}).toMbox("", mbox))
                .isEqualTo(2);

        mailbox = folder.resolve("second");
        source = exported;
        assertThat(importIt().imported()).isEqualTo(3);
        assertThat(messages("")).isEqualTo(inbox);
        assertThat(messages(".Sent")).hasSize(1);

        mailbox = folder.resolve("third");
        source = mbox;
        assertThat(importIt().imported()).isEqualTo(2);
        assertThat(messages("")).isEqualTo(inbox);
        assertThat(importIt()).isEqualTo(new Outcome(0, 2, 0, List.of()));
        for (String file : new RealDisk().list(mailbox.resolve("cur"))) {
            assertThat(Files.getLastModifiedTime(mailbox.resolve("cur").resolve(file))
                            .toInstant())
                    .isEqualTo(Instant.ofEpochSecond(LONG_AGO.getEpochSecond()));
        }
    }

    @Test
    @DisplayName("a directory of mbox files gives a folder for each, the inbox among them")
    void readsDirectoriesOfMboxFiles() throws Exception {
        source = folder.resolve("mail");
        String one = "From a@b Fri Sep 11 12:00:00 2020\nStatus: RO\nA: ";
        put("inbox", one + "1\n\n");
        put("Sent", one + "2\n\n");
        put("Lists.sbd/Java", one + "3\n\n");
        put("empty", "");
        put(".imap/Sent/dovecot.index", "x");
        put("notes.txt", "no mbox");
        Outcome outcome = importIt();
        assertThat(outcome.imported()).isEqualTo(3);
        assertThat(outcome.problems()).containsExactly(source.resolve("notes.txt") + ": no mbox file");
        assertThat(messages("")).hasSize(1);
        assertThat(messages(".Sent")).hasSize(1);
        assertThat(messages(".Lists.Java")).hasSize(1);
    }

    @Test
    @DisplayName("a path that holds no mail is an error that says what was expected")
    void refusesWhatIsNoMail() throws Exception {
        ImportSources sources = new ImportSources("", UidLists.DOVECOT_FORMAT);
        Path home = folder.resolve("home");
        Files.createDirectories(home.resolve("Maildir/cur"));
        Path dbox = folder.resolve("mdbox");
        Files.createDirectories(dbox.resolve("storage"));
        Path text = folder.resolve("text");
        Files.writeString(text, "Subject: no mbox\n");
        List<String> reasons = new ArrayList<>();
        for (Path path : List.of(home, dbox, text, folder.resolve("missing"))) {
            assertThatThrownBy(() -> sources.of(path))
                    .isInstanceOf(StartupException.class)
                    .satisfies(failure -> reasons.add(failure.getMessage()));
        }
        assertThat(reasons.get(0)).contains("did you mean " + home.resolve("Maildir"));
        assertThat(reasons.get(1)).contains("doveadm backup");
        assertThat(reasons.get(2)).contains("no mbox file");
        assertThat(reasons.get(3)).contains("no such file or directory");
        assertThatThrownBy(() -> sources.maildir(text)).hasMessageContaining("no Maildir");
        assertThatThrownBy(() -> sources.mbox(home)).hasMessageContaining("no mbox file");
    }
}
