package org.mailserv.server.smtp;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;

/**
 * A row of the command table.
 *
 * @param name the verb that HELP lists; empty for a line that is no command of its own
 * @param type the command as the codec reads it
 * @param states the states in which the command is valid
 * @param tooLate the reply in a state after the last valid one
 * @param capability the condition under which the command is available; HELP lists the command while it holds
 * @param arguments refuses arguments that are wrong in any state
 * @param handler executes the command
 */
record SmtpVerb<C extends SmtpCommand>(
        String name,
        Class<C> type,
        Set<SessionState> states,
        SmtpReply tooLate,
        Capability capability,
        ArgumentCheck<C> arguments,
        Handler<C> handler) {

    /** Refuses arguments that are wrong in any state of the session. */
    @FunctionalInterface
    interface ArgumentCheck<C> {
        @Nullable
        SmtpReply refusal(SessionContext session, C command);
    }

    /** Executes a command. */
    @FunctionalInterface
    interface Handler<C> {
        /** Returns the reply; null if it is sent after the content that follows the command. */
        @Nullable
        CompletionStage<SmtpReply> handle(SessionStages stages, C command);
    }

    /** Returns a command that is always available, and whose arguments need no check. */
    static <C extends SmtpCommand> SmtpVerb<C> of(
            String name, Class<C> type, Set<SessionState> states, Handler<C> handler) {
        return new SmtpVerb<>(
                name,
                type,
                states,
                SmtpReplies.R503_BAD_SEQUENCE,
                Capability.ALWAYS,
                (session, command) -> null,
                handler);
    }

    /** Returns a row for a line that is valid in any state and that HELP does not list. */
    static <C extends SmtpCommand> SmtpVerb<C> unlisted(Class<C> type, Handler<C> handler) {
        return of("", type, EnumSet.allOf(SessionState.class), handler);
    }

    SmtpVerb<C> dependingOn(Capability required) {
        return new SmtpVerb<>(name, type, states, tooLate, required, arguments, handler);
    }

    SmtpVerb<C> checking(ArgumentCheck<C> check) {
        return new SmtpVerb<>(name, type, states, tooLate, capability, check, handler);
    }

    SmtpVerb<C> tooLateReply(SmtpReply reply) {
        return new SmtpVerb<>(name, type, states, reply, capability, arguments, handler);
    }

    boolean isListed(SessionContext session) {
        return !name.isEmpty() && capability.refusal(session) == null;
    }

    /** Returns the reply to a command that cannot be executed now, or null if it can. */
    @Nullable
    SmtpReply refusal(SessionContext session, SmtpCommand command) {
        SmtpReply unavailable = capability.refusal(session);
        if (unavailable != null) {
            return unavailable;
        }
        SmtpReply malformed = arguments.refusal(session, type.cast(command));
        if (malformed != null) {
            return malformed;
        }
        SessionState state = session.state();
        if (states.contains(state)) {
            return null;
        }
        return state.compareTo(Collections.min(states)) < 0 ? missing(session, state) : tooLate;
    }

    /** Returns the reply that names the command that has to come first. */
    private static SmtpReply missing(SessionContext session, SessionState state) {
        return switch (state) {
            case CONNECTED -> SmtpReplies.R503_HELLO_FIRST;
            case READY -> SmtpReplies.R503_MAIL_FIRST;
            // RFC 2920, 3.1: a pipelining client sends DATA before it knows that every recipient was refused.
            case MAIL, RECIPIENTS, DATA ->
                session.transaction.hasRefusedRecipient()
                        ? SmtpReplies.R554_NO_VALID_RECIPIENTS
                        : SmtpReplies.R503_RCPT_FIRST;
        };
    }

    /** Executes a command that {@link #refusal} allows. Returns null if the reply is sent after the content. */
    @Nullable
    CompletionStage<SmtpReply> handle(SessionStages stages, SmtpCommand command) {
        return handler.handle(stages, type.cast(command));
    }
}
