package org.mailserv.app.transfer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.FileNames;

/**
 * The numbers and unique ids that another POP3 server gave to the messages of a Maildir, from Dovecot's {@code dovecot-uidlist} or
 * Courier's {@code courierpop3dsizelist}. If the ids stay the same, clients download nothing again.
 */
public final class UidLists {
    /** Dovecot's default. */
    public static final String DOVECOT_FORMAT = "%08Xu%08Xv";

    private static final Pattern SIZES = Pattern.compile("(,[SW]=[0-9]+)+$");
    private static final Pattern VARIABLE = Pattern.compile("%(0?)([0-9]{0,2})(X?)([uvfg%])");
    private static final Pattern COURIER_LINE = Pattern.compile("(.+) ([0-9]+) ([0-9]+):([0-9]+)(:[0-9]+)?");

    private final Map<String, Known> byName = new HashMap<>();
    private final String format;
    private long validity;

    /**
     * The entry of a message in a list.
     *
     * @param order its position
     * @param uid its unique id in POP3
     */
    record Known(long order, String uid) {}

    private UidLists(String format) {
        this.format = format;
    }

    /**
     * Reads the list of a Maildir, if there is one. Dovecot's takes precedence.
     *
     * @param format {@code pop3_uidl_format} of the Dovecot that wrote it
     */
    static UidLists read(Path maildir, String format) throws IOException {
        UidLists lists = new UidLists(format);
        Path dovecot = maildir.resolve("dovecot-uidlist");
        Path courier = maildir.resolve("courierpop3dsizelist");
        if (Files.isRegularFile(dovecot, LinkOption.NOFOLLOW_LINKS)) {
            lists.readDovecot(lines(dovecot));
        } else if (Files.isRegularFile(courier, LinkOption.NOFOLLOW_LINKS)) {
            lists.readCourier(lines(courier));
        }
        return lists;
    }

    /** Returns whether a format uses only the variables of {@link #DOVECOT_FORMAT}, the file name and the GUID. */
    public static boolean isFormat(String format) {
        String rest = VARIABLE.matcher(format).replaceAll("");
        return rest.indexOf('%') < 0 && !rest.equals(format);
    }

    /** File names are octets, so each becomes one character here. */
    private static List<String> lines(Path file) throws IOException {
        return Arrays.asList(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).split("\n"));
    }

    private static String name(String octets) {
        return FileNames.text(octets.getBytes(StandardCharsets.ISO_8859_1));
    }

    boolean isEmpty() {
        return byName.isEmpty();
    }

    /** Finds a message by the unique part of its file name, to which sizes may have been added since. */
    @Nullable
    Known find(String unique) {
        Known known = byName.get(unique);
        return known != null ? known : byName.get(withoutSizes(unique));
    }

    /** Returns a unique part without the sizes that Dovecot and Courier may add to it. */
    static String withoutSizes(String unique) {
        return SIZES.matcher(unique).replaceFirst("");
    }

    private void put(String unique, Known known) {
        byName.put(unique, known);
        byName.putIfAbsent(withoutSizes(unique), known);
    }

    /** Version 3: "3 V1795763089 N8 G6d05...", then "1 W1234 P&lt;uidl&gt; :name"; version 1: "1 validity next", then "1 name". */
    private void readDovecot(List<String> lines) {
        String head = lines.get(0);
        String[] words = head.split(" ");
        boolean named = head.startsWith("3 ");
        for (int i = 1; i < words.length; i++) {
            if (named ? words[i].startsWith("V") : i == 1) {
                validity = number(named ? words[i].substring(1) : words[i]);
            }
        }
        for (String line : lines.subList(1, lines.size())) {
            int space = line.indexOf(' ');
            long uid = space < 0 ? -1 : number(line.substring(0, space));
            int colon = named ? line.indexOf(" :") : space;
            if (uid < 0 || colon < 0) {
                continue;
            }
            String file = name(line.substring(colon + (named ? 2 : 1)));
            int info = file.indexOf(':');
            putDovecot(info < 0 ? file : file.substring(0, info), uid, line.substring(0, colon));
        }
    }

    private void putDovecot(String unique, long uid, String fields) {
        String own = null;
        String guid = unique;
        long order = uid;
        for (String field : fields.split(" ")) {
            if (field.startsWith("P") && field.length() > 1) {
                own = field.substring(1);
            } else if (field.startsWith("G") && field.length() > 1) {
                guid = field.substring(1);
            } else if (field.startsWith("O") && number(field.substring(1)) >= 0) {
                order = number(field.substring(1));
            }
        }
        put(unique, new Known(order, own != null ? own : formatted(uid, unique, guid)));
    }

    private String formatted(long uid, String unique, String guid) {
        return formatted(format, uid, validity, unique, guid);
    }

    /** Returns a unique id as Dovecot's {@code pop3_uidl_format} makes it. */
    public static String formatted(String format, long uid, long validity, String unique, String guid) {
        Matcher matcher = VARIABLE.matcher(format);
        return matcher.replaceAll(variable -> {
            long number = variable.group(4).equals("u") ? uid : validity;
            String text = switch (variable.group(4)) {
                case "f" -> unique;
                case "g" -> guid;
                case "%" -> "%";
                default -> variable.group(3).isEmpty() ? Long.toString(number) : Long.toHexString(number);
            };
            int width = variable.group(2).isEmpty() ? 0 : Integer.parseInt(variable.group(2));
            String fill = variable.group(1).isEmpty() ? " " : "0";
            return Matcher.quoteReplacement(fill.repeat(Math.max(0, width - text.length())) + text);
        });
    }

    /** "/2 next validity" or "/3 ...", then "name size uid:validity". */
    private void readCourier(List<String> lines) {
        if (!lines.get(0).startsWith("/")) {
            return;
        }
        long order = 0;
        for (String line : lines.subList(1, lines.size())) {
            Matcher matcher = COURIER_LINE.matcher(line);
            if (matcher.matches()) {
                String file = name(matcher.group(1));
                int info = file.indexOf(':');
                String unique = info < 0 ? file : file.substring(0, info);
                // Without a number the file's name is the id.
                String uid = matcher.group(3).equals("0") ? unique : "UID" + matcher.group(3) + "-" + matcher.group(4);
                put(unique, new Known(++order, uid));
            }
        }
    }

    private static long number(String digits) {
        return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : -1;
    }
}
