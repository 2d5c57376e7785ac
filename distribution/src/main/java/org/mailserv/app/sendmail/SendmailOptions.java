package org.mailserv.app.sendmail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The command line of {@code sendmail}, as sendmail, Postfix and Exim document it. Options may stand before, between and after recipients,
 * several in one word ({@code -ti}), and may be repeated; the last one counts. Options without a meaning here are accepted and ignored.
 * Unknown options are ignored too, and listed in {@link #ignored}.
 */
public final class SendmailOptions {
    /** The form of an option's value. */
    private enum Value {
        /** No value: the next letter of the word is another option. */
        NONE,
        /** The rest of the word, which may be empty. */
        ATTACHED,
        /** The rest of the word, or the whole next word, whatever it begins with. */
        REQUIRED,
        /** The rest of the word, or the next word if it is a valid value of the option. */
        KEYWORD
    }

    private static final Map<Character, Value> LETTERS = letters();

    /** Valid values in a word of their own, for options whose value programs may leave out. */
    private static final Map<Character, Pattern> KEYWORDS =
            Map.of('A', Pattern.compile("[cm]"), 'b', Pattern.compile("[a-zA-Z]"), 'e', Pattern.compile("[epqmw]"));

    /** Words of Exim that are not bundles of letters. */
    private static final Set<String> WORDS =
            Set.of("-dropcr", "-tls-on-connect", "-bnq", "-bmalware", "-oep", "-oem", "-oee", "-oeq", "-oew");

    /** Exim's options under {@code -o} with their value in the next word. */
    private static final Set<String> LONG_VALUES = Set.of("Ma", "Maa", "Mai", "Mas", "Mi", "Mm", "Mr", "Ms", "Mt");

    /** Options whose value may be missing. A word of another shape is a recipient, and no recipient may be lost. */
    private static final Map<String, Pattern> SHAPED_VALUES = Map.of(
            "A", Pattern.compile("/.*"),
            "B", Pattern.compile("[0-9]+"),
            "P", Pattern.compile("/.*"),
            "X", Pattern.compile("[0-9]+"));

    private static final Set<String> NO = Set.of("f", "false", "n", "no", "0", "off");

    private final List<String> recipients = new ArrayList<>();
    private final List<String> ignored = new ArrayList<>();
    private @Nullable String config;
    private @Nullable String sender;
    private @Nullable String fullName;
    private @Nullable String notify;
    private @Nullable String ret;
    private @Nullable String envelopeId;
    private String mode = "m";
    private boolean fromHeader;
    private boolean ignoreDots;
    private boolean flush;
    private boolean sevenBit;
    private boolean help;

    private SendmailOptions() {}

    /** Thrown for a command line that makes no sense: EX_USAGE. */
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1;

        UsageException(String message) {
            super(message);
        }
    }

    private static Map<Character, Value> letters() {
        Map<Character, Value> letters = new HashMap<>();
        "EGITUcimnstvx".chars().forEach(c -> letters.put((char) c, Value.NONE));
        "JQSadq".chars().forEach(c -> letters.put((char) c, Value.ATTACHED));
        "BCDFLMNORVXfhoprz".chars().forEach(c -> letters.put((char) c, Value.REQUIRED));
        "Abe".chars().forEach(c -> letters.put((char) c, Value.KEYWORD));
        return letters;
    }

    /**
     * Parses a command line.
     *
     * @throws UsageException if an option lacks its value, or has a value that would ignore a request of the sender
     */
    static SendmailOptions parse(List<String> arguments) throws UsageException {
        SendmailOptions options = new SendmailOptions();
        List<String> rest = new ArrayList<>(arguments);
        while (!rest.isEmpty()) {
            String word = rest.remove(0);
            if (word.equals("--")) {
                options.recipients.addAll(rest);
                break;
            } else if (word.startsWith("--")) {
                options.longOption(word, rest);
            } else if (word.startsWith("-") && word.length() > 1) {
                options.word(word, rest);
            } else {
                options.recipients.add(word);
            }
        }
        return options;
    }

    private void longOption(String word, List<String> rest) throws UsageException {
        if (word.equals("--config")) {
            config = next(word, rest);
        } else if (word.startsWith("--config=")) {
            config = word.substring("--config=".length());
        } else if (word.equals("--help")) {
            help = true;
        } else {
            ignored.add(word);
        }
    }

    private static String next(String option, List<String> rest) throws UsageException {
        if (rest.isEmpty()) {
            throw new UsageException(option + ": no value (expected: one behind it)");
        }
        return rest.remove(0);
    }

    private void word(String word, List<String> rest) throws UsageException {
        if (WORDS.contains(word)) {
            return;
        } else if (word.equals("-c") && !rest.isEmpty() && ConfigWords.isFile(rest.get(0))) {
            // This option is common to all our commands; sendmail's own -c has no value.
            config = rest.remove(0);
            return;
        }
        for (int at = 1; at < word.length(); at++) {
            char letter = word.charAt(at);
            Value value = LETTERS.get(letter);
            if (value == null) {
                ignored.add(word);
                return;
            } else if (value == Value.NONE) {
                flag(letter);
            } else {
                valued(letter, value, word.substring(at + 1), rest);
                return;
            }
        }
    }

    private void flag(char letter) {
        switch (letter) {
            case 't' -> fromHeader = true;
            case 'i' -> ignoreDots = true;
            case 'I' -> mode = "i";
            default -> {
                // Accepted and ignored.
            }
        }
    }

    private void valued(char letter, Value kind, String attached, List<String> rest) throws UsageException {
        String value = attached;
        Pattern keyword = KEYWORDS.get(letter);
        if (attached.isEmpty() && kind == Value.REQUIRED) {
            value = next("-" + letter, rest);
        } else if (attached.isEmpty()
                && keyword != null
                && !rest.isEmpty()
                && keyword.matcher(rest.get(0)).matches()) {
            value = rest.remove(0);
        }
        switch (letter) {
            case 'f', 'r' -> sender = value;
            case 'F' -> fullName = value;
            case 'b' -> mode = value.isEmpty() ? mode : value;
            case 'B' -> sevenBit = value.equalsIgnoreCase("7BIT");
            case 'N' -> notify = notify(value);
            case 'R' -> ret = ret(value);
            case 'V' -> envelopeId = value;
            case 'q' -> flush = true;
            case 'o' -> suboption(value, rest);
            case 'O' -> named(value);
            default -> {
                // Accepted and ignored.
            }
        }
    }

    /** Parses {@code -oi} and the other options under {@code -o}. */
    private void suboption(String text, List<String> rest) {
        Pattern shape = SHAPED_VALUES.get(text);
        if (text.startsWith("i")) {
            String value = text.substring(1);
            ignoreDots = !isNo(value.startsWith("=") ? value.substring(1) : value);
        } else if (LONG_VALUES.contains(text) && !rest.isEmpty() && !rest.get(0).startsWith("-")) {
            rest.remove(0);
        } else if (shape != null
                && !rest.isEmpty()
                && shape.matcher(rest.get(0)).matches()) {
            rest.remove(0);
        }
    }

    private void named(String text) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? text : text.substring(0, equals);
        if (name.strip().equalsIgnoreCase("IgnoreDots")) {
            ignoreDots = equals < 0 || !isNo(text.substring(equals + 1).strip());
        }
    }

    private static boolean isNo(String value) {
        return NO.contains(value.toLowerCase(Locale.ROOT));
    }

    private static String notify(String text) throws UsageException {
        String upper = text.toUpperCase(Locale.ROOT).replace(" ", "");
        Set<String> known = Set.of("SUCCESS", "FAILURE", "DELAY");
        if (!upper.equals("NEVER") && !known.containsAll(Arrays.asList(upper.split(",", -1)))) {
            throw new UsageException("-N " + text + ": unknown (expected: never, or success, failure, delay)");
        }
        return upper;
    }

    private static String ret(String text) throws UsageException {
        String upper = text.toUpperCase(Locale.ROOT);
        if (upper.equals("FULL") || upper.equals("HDRS")) {
            return upper;
        }
        throw new UsageException("-R " + text + ": unknown (expected: full or hdrs)");
    }

    /** Returns the recipients of the command line as written. */
    List<String> recipients() {
        return recipients;
    }

    /** Returns the words that were not understood. */
    List<String> ignored() {
        return ignored;
    }

    /** Returns the configuration file named on the command line, or null. */
    @Nullable
    String config() {
        return config;
    }

    /** Returns the sender as written: empty or {@code <>} for the null reverse-path, null if none was given. */
    @Nullable
    String sender() {
        return sender;
    }

    /** Returns the full name for a missing From field, or null. */
    @Nullable
    String fullName() {
        return fullName;
    }

    /** Returns the value of NOTIFY, checked, or null. */
    @Nullable
    String notifyOn() {
        return notify;
    }

    /** Returns {@code FULL}, {@code HDRS} or null. */
    @Nullable
    String ret() {
        return ret;
    }

    /** Returns the envelope id as typed, or null. */
    @Nullable
    String envelopeId() {
        return envelopeId;
    }

    /** Returns the mode after {@code -b}: {@code m} to send a message. */
    String mode() {
        return mode;
    }

    /** Returns whether the header contains recipients as well. */
    boolean fromHeader() {
        return fromHeader;
    }

    /** Returns whether a line with a single dot is text. */
    boolean ignoreDots() {
        return ignoreDots;
    }

    /** Returns whether the queue is to be flushed and nothing sent. */
    boolean isFlush() {
        return flush && !fromHeader && recipients.isEmpty() && mode.equals("m");
    }

    /** Returns whether the caller promises a 7-bit message. */
    boolean sevenBit() {
        return sevenBit;
    }

    boolean help() {
        return help;
    }
}
