package org.mailserv.server.smtp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.mailserv.codec.testing.Draws;

/** Draws what a client sends next: mostly what makes sense where it is, and at times what does not. */
final class SmtpScript {
    private static final String[] FROM = {
        "a@b.example",
        "",
        "long.name+tag@sub.b.example",
        "j\u00fcrgen@b.example",
        "a@",
        "a b@c.example",
        "a@b..example",
        "@b.example"
    };
    private static final String[] TO = {
        "doug@example.org",
        "Kim@EXAMPLE.org",
        "nobody@example.org",
        "x@far.example",
        "y@far.example",
        "postmaster",
        "j\u00fcrgen@example.org",
        "doug",
        "",
        "@relay.example:doug@example.org",
        "x%far.example@example.org",
        "doug@example.org@far.example"
    };
    private static final String[] MAIL_PARAMETERS = {
        " SIZE=100",
        " SIZE=20001",
        " SIZE=99999999999999999999",
        " SIZE=x",
        " BODY=8BITMIME",
        " body=binarymime",
        " BODY=9BIT",
        " SMTPUTF8",
        " SMTPUTF8=x",
        " RET=HDRS",
        " RET=SOME",
        " ENVID=x+2By",
        " ENVID=+zz",
        " AUTH=<>",
        " FOO=bar",
        " REQUIRETLS",
        " =x",
        " SIZE="
    };
    private static final String[] LINES = {
        ".",
        "..",
        ". ",
        "QUIT",
        "RSET",
        "DATA",
        "MAIL FROM:<evil@x.example>",
        "RCPT TO:<kim@example.org>",
        "BDAT 3 LAST",
        "\tfolded",
        " folded",
        "From x@y Sat Nov 21",
        "Received: from x by y",
        "",
        "text"
    };
    private static final String[] ENDS = {
        "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n", "\n\r\n", "\0\r\n", "\r\n.\n", "\n.\r\n", "\r\n.\r"
    };

    private final Draws draws;

    SmtpScript(Draws draws) {
        this.draws = draws;
    }

    /** The next octets, for a client that is where the model is. */
    byte[] next(SmtpModel model) {
        ByteArrayOutputStream group = new ByteArrayOutputStream();
        if (model.mode() == SmtpModel.Mode.TEXT) {
            text(group);
        } else if (model.mode() == SmtpModel.Mode.CHUNK) {
            chunk(group, model.chunkLeft());
        } else if (draws.oneIn(3)) {
            envelope(group);
        } else {
            for (int i = draws.below(4); i >= 0; i--) {
                command(group);
            }
        }
        return group.toByteArray();
    }

    private void envelope(ByteArrayOutputStream group) {
        say(group, draws.of("EHLO client.example\r\n", "HELO x\r\n", "RSET\r\n", ""));
        say(group, "MAIL FROM:<a@b.example>" + (draws.oneIn(3) ? draws.of(MAIL_PARAMETERS) : "") + "\r\n");
        for (int i = draws.below(3); i >= 0; i--) {
            say(
                    group,
                    "RCPT TO:<" + draws.of("doug@example.org", "kim@example.org", "x@far.example", "no@example.org")
                            + ">\r\n");
        }
        if (draws.oneIn(3)) {
            bdat(group);
        } else {
            say(group, "DATA\r\n");
        }
    }

    private void command(ByteArrayOutputStream group) {
        switch (draws.below(18)) {
            case 0, 1 ->
                say(group, draws.of("EHLO client.example", "ehlo [192.0.2.1]", "EHLO", "EHLO a\u0001b") + end());
            case 2 -> say(group, draws.of("HELO x", "helo  there", "HELO ") + end());
            case 3, 4, 5 -> mail(group);
            case 6, 7, 8, 9 -> rcpt(group);
            case 10 -> say(group, draws.of("DATA", "data ", "DATA x") + end());
            case 11, 12 -> bdat(group);
            case 13 -> say(group, draws.of("RSET", "NOOP", "NOOP x y", "RSET x", "HELP", "HELP MAIL") + end());
            case 14 ->
                say(
                        group,
                        draws.of("VRFY doug", "VRFY", "EXPN x", "STARTTLS", "TURN", "ETRN x", "SAML FROM:<>") + end());
            case 15 -> nonsense(group);
            case 16 -> longLine(group);
            default -> say(group, draws.oneIn(4) ? draws.of("QUIT", "QUIT x", "quit ") + end() : "NOOP\r\n");
        }
    }

    /** Nearly always a line end. */
    private String end() {
        return draws.oneIn(12) ? draws.of("\n", "\r\r\n", "\r", " \r\n", "\0\r\n", "", "\u00ff\r\n") : "\r\n";
    }

    private void mail(ByteArrayOutputStream group) {
        StringBuilder line = new StringBuilder(draws.of("MAIL FROM:", "mail from: ", "MAIL FROM :"));
        String path = FROM[draws.oneIn(3) ? draws.below(FROM.length) : 0];
        line.append(draws.oneIn(10) ? "joe@blow.example" : "<" + path + ">");
        for (int i = draws.below(3); i > 0; i--) {
            line.append(draws.of(MAIL_PARAMETERS));
        }
        utf8(group, line.append(end()).toString());
    }

    private void rcpt(ByteArrayOutputStream group) {
        StringBuilder line = new StringBuilder(draws.of("RCPT TO:", "rcpt to: ", "RCPT to :", "RCPT TP:"));
        line.append('<').append(TO[draws.oneIn(2) ? draws.below(TO.length) : 0]).append('>');
        if (draws.oneIn(5)) {
            line.append(draws.of(" NOTIFY=NEVER", " NOTIFY=SUCCESS,delay", " NOTIFY=NEVER,DELAY", " FOO", " SIZE=1"));
        }
        utf8(group, line.append(end()).toString());
    }

    private void bdat(ByteArrayOutputStream group) {
        if (draws.oneIn(12)) {
            say(
                    group,
                    draws.of("BDAT", "BDAT x", "BDAT -1 LAST", "BDAT 1 LAST x", "BDAT 9999999999999999999") + "\r\n");
            return;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (!draws.oneIn(4)) {
            lines(body);
        }
        say(group, "BDAT " + body.size() + (draws.oneIn(2) ? " LAST" : "") + "\r\n");
        group.writeBytes(body.toByteArray());
    }

    private void nonsense(ByteArrayOutputStream group) {
        group.writeBytes(draws.octets(60));
        say(group, "\r\n");
    }

    private void longLine(ByteArrayOutputStream group) {
        int length = SmtpModel.COMMAND_LINE - 8 + draws.below(10);
        say(group, "NOOP " + "x".repeat(length) + draws.of("", "\n", "\r", "\nQUIT\r\n", "\0") + end());
    }

    /** A body as a client sends it, which may have its end, no end, or what others take for one. */
    private void text(ByteArrayOutputStream group) {
        lines(group);
        if (!draws.oneIn(4)) {
            say(group, draws.of("\r\n.\r\n", "\r\n.\r\n", ".\r\n", "\n.\n", "\r\n.\r\nMAIL FROM:<a@b.example>\r\n"));
        }
    }

    private void chunk(ByteArrayOutputStream group, long left) {
        lines(group);
        byte[] drawn = group.toByteArray();
        group.reset();
        // The rest of the chunk, or a part of it, or more.
        byte[] fit = Arrays.copyOf(drawn, (int) Math.min(left, 4000));
        group.writeBytes(draws.oneIn(3) ? drawn : fit);
    }

    private void lines(ByteArrayOutputStream body) {
        for (int i = draws.below(6); i > 0; i--) {
            switch (draws.below(6)) {
                case 0 -> body.writeBytes(draws.octets(40));
                case 1 -> say(body, "x".repeat(draws.below(1500)) + draws.of(ENDS));
                case 2 -> say(body, "." + draws.of(LINES) + draws.of(ENDS));
                default -> say(body, draws.of(LINES) + draws.of(ENDS));
            }
        }
        if (draws.oneIn(15)) {
            say(body, ("y".repeat(70) + "\r\n").repeat(100 + draws.below(200)));
        }
        if (draws.oneIn(15)) {
            byte[] before = body.toByteArray();
            body.reset();
            say(body, "Received: from a by b\r\n".repeat(4 + draws.below(4)));
            body.writeBytes(before);
        }
    }

    private static void say(ByteArrayOutputStream group, String text) {
        group.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void utf8(ByteArrayOutputStream group, String text) {
        group.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
