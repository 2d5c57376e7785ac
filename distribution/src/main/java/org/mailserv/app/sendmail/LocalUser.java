package org.mailserv.app.sendmail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The user who runs a program: login name and full name, and the form of the full name in a header.
 *
 * @param login the local part of the sender
 * @param fullName empty if unknown
 */
public record LocalUser(String login, String fullName) {
    private static final String ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+";
    /** Octets per encoded word, which may have 75 characters. RFC 2047, 2. */
    private static final int WORD = 42;

    /** Returns the user of this process, as the system knows it, otherwise by LOGNAME or USER. */
    static LocalUser current(Map<String, String> environment) {
        String login = first(System.getProperty("user.name"), environment.get("LOGNAME"), environment.get("USER"));
        String name = environment.get("NAME");
        return new LocalUser(login, name == null || name.isBlank() ? gecos(login, Path.of("/etc/passwd")) : name);
    }

    private static String first(@Nullable String... names) {
        for (String name : names) {
            // The platform says "?" for a user without an entry.
            if (name != null && !name.isBlank() && !name.equals("?")) {
                return name;
            }
        }
        return "nobody";
    }

    /** Returns the full name in a user's entry: its first part, in which {@code &} stands for the login name. */
    static String gecos(String login, Path passwd) {
        try {
            for (String line : new String(Files.readAllBytes(passwd), StandardCharsets.UTF_8).split("\n")) {
                String[] fields = line.split(":", -1);
                if (fields.length > 4 && fields[0].equals(login)) {
                    String capital = login.substring(0, 1).toUpperCase(Locale.ROOT) + login.substring(1);
                    return fields[4].split(",", -1)[0].replace("&", capital).strip();
                }
            }
        } catch (IOException e) {
            // The name is optional; the address suffices.
            return "";
        }
        return "";
    }

    /** Returns a name and an address as the value of a From field: plain, quoted, or in encoded words (RFC 2047). */
    static String mailbox(String name, String address) {
        String clean = name.replaceAll("[\\p{Cntrl}]+", " ").strip();
        if (clean.isEmpty()) {
            return "<" + address + ">";
        } else if (!clean.chars().allMatch(c -> c < 127)) {
            return encoded(clean) + " <" + address + ">";
        } else if (clean.matches(ATOM) && !clean.contains("=?")) {
            return clean + " <" + address + ">";
        }
        return '"' + clean.replaceAll("([\"\\\\])", "\\\\$1") + "\" <" + address + ">";
    }

    private static String encoded(String name) {
        StringBuilder words = new StringBuilder();
        StringBuilder part = new StringBuilder();
        for (int at = 0; at < name.length(); ) {
            int character = name.codePointAt(at);
            at += Character.charCount(character);
            part.appendCodePoint(character);
            boolean full = part.toString().getBytes(StandardCharsets.UTF_8).length > WORD - 4;
            if (full || at >= name.length()) {
                words.append(words.length() == 0 ? "" : "\r\n ")
                        .append("=?UTF-8?B?")
                        .append(Base64.getEncoder()
                                .encodeToString(part.toString().getBytes(StandardCharsets.UTF_8)))
                        .append("?=");
                part.setLength(0);
            }
        }
        return words.toString();
    }
}
