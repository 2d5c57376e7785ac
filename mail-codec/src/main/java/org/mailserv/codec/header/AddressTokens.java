package org.mailserv.codec.header;

import java.util.ArrayList;
import java.util.List;

/**
 * The tokens of a structured field: words, quoted strings, domain literals and single special characters. Comments
 * and blanks are dropped.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5322#section-3.2">RFC 5322, 3.2</a>
 */
final class AddressTokens {
    private static final String SPECIALS = "<>:;,@.";

    private final String value;
    private final List<Token> tokens = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean spaced;
    private boolean wordSpaced;
    private boolean malformed;
    private boolean openQuote;
    private boolean openLiteral;
    private int at;

    /** The kinds of tokens. */
    enum Kind {
        WORD,
        QUOTED,
        LITERAL,
        SPECIAL
    }

    /**
     * A token.
     *
     * @param text the text; a quoted string without its quotes, a literal with its brackets
     * @param spaced whether a blank or a comment precedes it
     */
    record Token(Kind kind, String text, boolean spaced) {
        boolean is(char special) {
            return kind == Kind.SPECIAL && text.charAt(0) == special;
        }

        /** Returns whether the token may be part of a local part. */
        boolean isWord() {
            return kind == Kind.WORD || kind == Kind.QUOTED;
        }
    }

    private AddressTokens(String value) {
        this.value = value;
    }

    static AddressTokens read(String value) {
        AddressTokens read = new AddressTokens(value);
        read.scan();
        return read;
    }

    List<Token> tokens() {
        return tokens;
    }

    /**
     * Returns whether the field violates the grammar: by control characters or an unterminated quoted string, for
     * example.
     */
    boolean isMalformed() {
        return malformed;
    }

    private void scan() {
        while (at < value.length()) {
            char c = value.charAt(at++);
            if (c == '(') {
                endWord();
                comment();
                spaced = true;
            } else if (c == '"') {
                quoted();
            } else if (c == '[') {
                literal();
            } else if (c == '\uFF20' || c == '\uFE6B') {
                // Mail programs that normalize display an @.
                malformed = true;
                special("@");
            } else if (SPECIALS.indexOf(c) >= 0) {
                special(String.valueOf(c));
            } else if (c == '\t' || c == '\r' || c == '\n' || Character.isSpaceChar(c)) {
                endWord();
                spaced = true;
            } else if (c < ' ' || c == 127) {
                malformed = true;
            } else {
                append(c);
            }
        }
        endWord();
    }

    private void append(char c) {
        if (word.isEmpty()) {
            wordSpaced = spaced;
            spaced = false;
        }
        word.append(c);
    }

    private void endWord() {
        if (!word.isEmpty()) {
            tokens.add(new Token(Kind.WORD, word.toString(), wordSpaced));
            word.setLength(0);
        }
    }

    private void special(String text) {
        endWord();
        tokens.add(new Token(Kind.SPECIAL, text, spaced));
        spaced = false;
    }

    private void comment() {
        int depth = 1;
        while (at < value.length() && depth > 0) {
            char c = value.charAt(at++);
            if (c == '\\') {
                at++;
            } else {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            }
        }
        malformed |= depth > 0;
    }

    private void quoted() {
        endWord();
        StringBuilder content = new StringBuilder();
        for (int i = openQuote ? value.length() : at; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"') {
                at = i + 1;
                tokens.add(new Token(Kind.QUOTED, content.toString(), spaced));
                spaced = false;
                return;
            }
            if (c == '\\' && i + 1 < value.length()) {
                c = value.charAt(++i);
            }
            malformed |= c < ' ' && c != '\t' && c != '\r' && c != '\n';
            content.append(c);
        }
        // The quote is unterminated and is skipped. The search happens only once, which keeps the scan linear.
        openQuote = true;
        malformed = true;
    }

    private void literal() {
        int end = openLiteral ? -1 : value.indexOf(']', at);
        if (end < 0) {
            openLiteral = true;
            malformed = true;
            append('[');
            return;
        }
        endWord();
        tokens.add(new Token(Kind.LITERAL, value.substring(at - 1, end + 1).replaceAll("\\s", ""), spaced));
        spaced = false;
        at = end + 1;
    }
}
