package org.mailserv.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The part of the message trace that the administrator of one domain sees. */
class TraceScopeTest {
    private static final TraceScope OWN = TraceScope.of("own.test"::equals);
    private static final String TIME = "2026-11-28T10:00:00.000Z ";

    @TempDir
    Path folder;

    private static String accepted(String id, String from, String to, String subject) {
        return TIME + "event=message-accepted session=s1 id=" + id + " peer=192.0.2.1 from=<" + from
                + "> recipients=" + to.split(",").length + " to=" + to + " octets=17"
                + (subject.isEmpty() ? "" : " subject=\"" + subject + "\"");
    }

    private static String line(String id, String rest) {
        return TIME + "event=deferred id=" + id + " " + rest;
    }

    @Test
    @DisplayName("a message from the domain is visible as a whole")
    void sent() {
        List<String> lines = List.of(
                accepted("a", "kim@Own.test", "<ann@far.test>", "x"), line("a", "to=<ann@far.test> reply=\"later\""));
        assertThat(OWN.visible(lines)).isEqualTo(lines);
        assertThat(TraceScope.ALL.visible(lines)).isEqualTo(lines);
    }

    @Test
    @DisplayName("of a message to the domain, other recipients and their lines stay hidden")
    void received() {
        List<String> seen = OWN.visible(List.of(
                accepted("a", "joe@far.test", "<kim@own.test>,<bob@other.test>,<lee@OWN.test>", "to bob@other.test"),
                line("a", "to=<bob@other.test> reply=\"450 later\""),
                line("a", "domain=other.test reason=\"x\""),
                TIME + "event=delivered id=a mailbox=kim@own.test",
                TIME + "event=queue-hold id=a by=\"ann\" reason=\"x\"",
                TIME + "event=bounced id=b about=a to=<joe@far.test>"));
        assertThat(seen)
                .hasSize(4)
                .first()
                .asString()
                .contains("from=<joe@far.test> recipients=2 to=<kim@own.test>,<lee@OWN.test> octets=17")
                .endsWith("subject=\"to bob@other.test\"");
        assertThat(String.join("\n", seen.subList(1, 4))).doesNotContain("other.test");
    }

    @Test
    @DisplayName("a message of others is hidden, whatever its addresses, replies and subject pretend")
    void others() {
        for (String line : List.of(
                accepted("a", "joe@far.test", "<bob@other.test>", "kim@own.test"),
                accepted("a", "joe@far.test", "<bob@other.test>", " to=<kim@own.test> octets=1"),
                accepted("a", "joe@far.test", "<\"x,<kim@own.test>\"@other.test>", ""),
                accepted("a", "joe@own.test.evil.test", "<own.test@other.test>", ""),
                accepted("a", "", "<bob@xown.test>", ""),
                line("a", "to=<bob@other.test> reply=\"550 no <kim@own.test>\""),
                line("a", "to=<\"kim@own.test\"@other.test>"),
                TIME + "event=message-discarded id=a from=<joe@far.test>",
                TIME + "event=queue-retry id=a by=\"ann\"")) {
            assertThat(OWN.visible(List.of(line))).as(line).isEmpty();
        }
        assertThat(OWN.visible(List.of(
                        accepted("a", "joe@far.test", "<bob@other.test>", ""),
                        TIME + "event=bounced id=b about=a to=<joe@far.test>")))
                .isEmpty();
    }

    @Test
    @DisplayName("a sender whose quoted name imitates the fields of a line opens nothing")
    void forged() {
        String quoted = accepted("a", "\"x subject=\"@evil.test", "<kim@own.test>,<bob@other.test>", "");
        assertThat(String.join("", OWN.visible(List.of(quoted)))).doesNotContain("bob");
        String from = accepted("a", "\"x from=<kim@own.test> \"@evil.test", "<bob@other.test>", "");
        assertThat(OWN.visible(List.of(from))).isEmpty();
        String to = accepted("a", "\" to=<kim@own.test>,\"@evil.test", "<bob@other.test>", "");
        assertThat(String.join("", OWN.visible(List.of(to)))).doesNotContain("bob");
    }

    @Test
    @DisplayName("messages are found by subject, and what is hidden cannot be searched for")
    void search() throws Exception {
        String one = "0123456789abcdef";
        String two = "fedcba9876543210";
        Files.write(
                folder.resolve("history.2026-11-28.00000.log"),
                List.of(
                        accepted(one, "joe@far.test", "<kim@own.test>,<bob@other.test>", "Invoice 17"),
                        accepted(two, "joe@far.test", "<bob@other.test>", "Invoice 18")));
        assertThat(MessageTrace.find(folder, "invoice 1", 20)).containsOnlyKeys(one, two);
        assertThat(MessageTrace.find(folder, "invoice 1", 20, OWN)).containsOnlyKeys(one);
        assertThat(MessageTrace.find(folder, "invoice 1", 1, OWN)).containsOnlyKeys(one);
        for (String hidden : List.of("bob@other.test", "other.test", "recipients=2", "Invoice 18", two)) {
            assertThat(MessageTrace.find(folder, hidden, 20, OWN)).as(hidden).isEqualTo(Map.of());
        }
    }
}
