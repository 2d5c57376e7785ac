package org.mailserv.server.check.milter;

/** The commands that a mail server sends to a filter, with the options by which a filter declines them or their replies. */
enum MilterCommand {
    NEGOTIATE('O', 0, 0),
    CONNECT('C', 0x01, 0x1000),
    HELO('H', 0x02, 0x2000),
    MAIL('M', 0x04, 0x4000),
    RECIPIENT('R', 0x08, 0x8000),
    DATA('T', 0x200, 0x10000),
    HEADER('L', 0x20, 0x80),
    END_OF_HEADER('N', 0x40, 0x40000),
    BODY('B', 0x10, 0x80000),
    END_OF_BODY('E', 0, 0),
    MACROS('D', 0, 0),
    /** Ends the conversation about one client; the connection stays open for another. */
    QUIT_NEW_CONNECTION('K', 0, 0),
    QUIT('Q', 0, 0);

    private final char code;
    private final int declined;
    private final int unanswered;

    MilterCommand(char code, int declined, int unanswered) {
        this.code = code;
        this.declined = declined;
        this.unanswered = unanswered;
    }

    /** Returns the octet that stands for this command on the wire. */
    char code() {
        return code;
    }

    /** Returns whether a filter with the given negotiated options wants to receive this command. */
    boolean isWanted(int options) {
        return (options & declined) == 0;
    }

    /** Returns whether a filter with the given negotiated options replies to this command. */
    boolean isAnswered(int options) {
        return switch (this) {
            case MACROS, QUIT_NEW_CONNECTION, QUIT -> false;
            default -> (options & unanswered) == 0;
        };
    }
}
