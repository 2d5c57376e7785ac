package org.mailserv.app.manual;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text in roff with the macros of man(7). */
final class Roff {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    private final StringBuilder text = new StringBuilder();

    /** Begins a page of section 1. */
    void title(String name, String source) {
        macro("TH", quoted(name.toUpperCase(Locale.ROOT)), "1", "\"\"", quoted(source), "\"User Commands\"");
        // Without hyphenation and with a ragged margin, as commands are read.
        macro("nh");
        macro("ad", "l");
    }

    /** Adds the line by which whatis(1) and apropos(1) find the page. */
    void name(String page, String summary) {
        section("NAME");
        text(page + " - " + summary);
    }

    void section(String heading) {
        macro("SH", quoted(heading));
    }

    void subsection(String heading) {
        macro("SS", quoted(heading));
    }

    /** Begins a paragraph of plain text, in which words between backticks are bold. */
    void paragraph(String plain) {
        macro("PP");
        text(plain);
    }

    /** Adds an entry with a bold term. */
    void entry(String term, String plain) {
        macro("TP");
        macro("B", quoted(term));
        text(plain.isEmpty() ? "\u00a0" : plain);
    }

    /** Adds a line that is bold as a whole. */
    void bold(String plain) {
        macro("PP");
        macro("B", quoted(plain));
    }

    private void text(String plain) {
        Matcher code = CODE.matcher(plain);
        StringBuilder line = new StringBuilder();
        int at = 0;
        while (code.find()) {
            line.append(escaped(plain.substring(at, code.start())))
                    .append("\\fB")
                    .append(escaped(code.group(1)))
                    .append("\\fR");
            at = code.end();
        }
        line.append(escaped(plain.substring(at)));
        // A line that begins with a dot or an apostrophe would be a request.
        boolean request = line.length() > 0 && (line.charAt(0) == '.' || line.charAt(0) == '\'');
        text.append(request ? "\\&" : "").append(line).append('\n');
    }

    private void macro(String name, String... arguments) {
        text.append('.').append(name);
        for (String argument : arguments) {
            text.append(' ').append(argument);
        }
        text.append('\n');
    }

    private static String quoted(String plain) {
        return '"' + escaped(plain).replace("\"", "\\(dq") + '"';
    }

    private static String escaped(String plain) {
        return plain.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("'", "\\(aq")
                .replace("`", "\\(ga")
                .replace("^", "\\(ha")
                .replace("~", "\\(ti")
                .replace("\u00a0", "\\&")
                .replaceAll("\\s*\\n\\s*", " ");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
