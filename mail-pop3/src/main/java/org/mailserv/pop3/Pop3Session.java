package org.mailserv.pop3;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.pop3.Pop3Command;
import org.mailserv.codec.pop3.Pop3Reply;
import org.mailserv.server.mailbox.Maildrop;
import org.mailserv.server.mailbox.Maildrop.MaildropMessage;
import org.mailserv.server.mailbox.MaildropException;
import org.mailserv.server.sasl.ChannelBinding;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A POP3 session as a state machine. It turns commands into responses and does not depend on a channel. Commands are
 * handled one at a time: the caller passes the next one after the previous stage has completed and its callback has
 * run on the session's thread.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1939#section-3">RFC 1939, 3</a>
 */
public final class Pop3Session implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pop3Session.class);

    private final String id;
    private final Pop3Config config;
    private final Pop3Login login;
    private final Executor home;

    private Pop3State state = Pop3State.AUTHORIZATION;
    private @Nullable Maildrop maildrop;
    private CompletionStage<Void> lockLost = new CompletableFuture<>();
    private final BitSet deleted = new BitSet();
    private int errors;
    private long retrieved;
    private boolean closed;
    private @Nullable ReadAhead ahead;

    /**
     * @param id identifies the session in log lines
     * @param login handles the AUTHORIZATION state
     * @param home runs tasks on the session's thread, in order
     */
    public Pop3Session(String id, Pop3Config config, Pop3Login login, Executor home) {
        this.id = id;
        this.config = config;
        this.login = login;
        this.home = home;
    }

    /** Returns the greeting, including the timestamp for APOP. RFC 1939, 4 and 7. */
    public Pop3Reply greeting() {
        return Pop3Reply.ok("mailserv POP3 ready " + login.timestamp());
    }

    public Pop3State state() {
        return state;
    }

    /** Returns the open mailbox, or null before login. */
    public @Nullable String mailbox() {
        return state == Pop3State.AUTHORIZATION ? null : login.mailbox();
    }

    /** Handles a command. The returned stage never completes exceptionally. */
    public CompletionStage<Pop3Response> handle(Pop3Command command) {
        CompletionStage<Pop3Response> response = dispatch(command);
        return response.handle((answer, failure) -> failure == null ? count(answer) : failed(command, failure));
    }

    /** Discards everything the client sent before TLS started. RFC 2595, 4. */
    public void tlsStarted() {
        login.tlsStarted();
    }

    /** Sets the binding for SASL mechanisms with channel binding, once the TLS handshake has completed. */
    public void bind(@Nullable ChannelBinding channel) {
        login.bind(channel);
    }

    /**
     * Ends the session without UPDATE: deletes nothing and releases the maildrop's lock. RFC 1939, 6. May be called
     * repeatedly.
     */
    @Override
    public void close() {
        closed = true;
        login.cancel();
        dropAhead();
        if (maildrop != null) {
            maildrop.close();
            maildrop = null;
        }
    }

    private CompletionStage<Pop3Response> dispatch(Pop3Command command) {
        if (command instanceof Pop3Command.Malformed malformed) {
            return done(malformed.fatal() ? Pop3Response.close(malformed.reply()) : Pop3Response.of(malformed.reply()));
        }
        if (command instanceof Pop3Command.Capa) {
            return done(Pop3Response.multiline(
                    "Capability list follows",
                    new TextLines(Capabilities.of(
                            config, state, login.startTlsOffered(), login.plaintextAllowed(), login.mechanisms()))));
        }
        if (command instanceof Pop3Command.Lang lang) {
            return done(lang(lang));
        }
        if (command instanceof Pop3Command.Unknown) {
            return done(Pop3Response.err("Command unrecognized"));
        }
        return state == Pop3State.AUTHORIZATION ? authorization(command) : transaction(command);
    }

    private CompletionStage<Pop3Response> authorization(Pop3Command command) {
        if (command instanceof Pop3Command.Quit) {
            return done(Pop3Response.close(Pop3Reply.ok("Bye")));
        }
        if (command instanceof Pop3Command.Utf8) {
            return done(Pop3Response.ok("UTF8 enabled"));
        }
        if (isTransactionCommand(command)) {
            // A passwordless account is opened by its first command after USER.
            CompletionStage<Pop3Login.Outcome> opened = login.withoutPassword();
            return opened == null
                    ? done(Pop3Response.err("Log in first"))
                    : atHome(opened).thenCompose(outcome -> {
                        Pop3Response response = loggedIn(outcome);
                        return response.reply().isOk() ? transaction(command) : done(response);
                    });
        }
        return atHome(login.handle(command)).thenApply(this::loggedIn);
    }

    private Pop3Response loggedIn(Pop3Login.Outcome outcome) {
        Maildrop opened = outcome.maildrop();
        if (opened == null) {
            return outcome.response();
        }
        if (closed) {
            opened.close();
            return Pop3Response.close(Pop3Reply.err("SYS/TEMP", "Connection is closing"));
        }
        maildrop = opened;
        lockLost = opened.lost();
        state = Pop3State.TRANSACTION;
        login.report(id, opened.size());
        return outcome.response();
    }

    private static boolean isTransactionCommand(Pop3Command command) {
        return command instanceof Pop3Command.Stat
                || command instanceof Pop3Command.List
                || command instanceof Pop3Command.Uidl
                || command instanceof Pop3Command.Retr
                || command instanceof Pop3Command.Dele
                || command instanceof Pop3Command.Top
                || command instanceof Pop3Command.Noop
                || command instanceof Pop3Command.Rset;
    }

    private CompletionStage<Pop3Response> transaction(Pop3Command command) {
        Maildrop open = maildrop;
        if (open == null) {
            return done(Pop3Response.close(Pop3Reply.err("SYS/TEMP", "Maildrop is closed")));
        }
        if (lockLost.toCompletableFuture().isDone()) {
            LOG.warn("event=pop3-lock-lost session={} mailbox={} deleted=0", id, login.mailbox());
            close();
            return done(Pop3Response.close(
                    Pop3Reply.err("SYS/TEMP", "The lock of the maildrop was lost, nothing has been deleted")));
        }
        if (!login.isCurrent()) {
            close();
            return done(Pop3Response.close(
                    Pop3Reply.err("AUTH", "Account or password has changed, nothing has been deleted")));
        }
        if (command instanceof Pop3Command.Stat) {
            return done(Pop3Response.ok(remaining(open) + " " + remainingOctets(open)));
        } else if (command instanceof Pop3Command.List list) {
            return done(list.number() == 0 ? listing(open, false) : listed(open, list.number(), false));
        } else if (command instanceof Pop3Command.Uidl uidl) {
            return done(uidl.number() == 0 ? listing(open, true) : listed(open, uidl.number(), true));
        } else if (command instanceof Pop3Command.Retr retr) {
            return retrieve(open, retr.number(), -1);
        } else if (command instanceof Pop3Command.Top top) {
            return retrieve(open, top.number(), top.lines());
        } else if (command instanceof Pop3Command.Dele dele) {
            return done(delete(open, dele.number()));
        } else if (command instanceof Pop3Command.Noop) {
            return done(Pop3Response.ok(""));
        } else if (command instanceof Pop3Command.Rset) {
            deleted.clear();
            return done(Pop3Response.ok("Maildrop has " + open.size() + " messages"));
        } else if (command instanceof Pop3Command.Quit) {
            return quit(open);
        }
        return done(Pop3Response.err("Command not valid in this state"));
    }

    private int remaining(Maildrop open) {
        return open.size() - deleted.cardinality();
    }

    private long remainingOctets(Maildrop open) {
        long octets = 0;
        for (int i = deleted.nextClearBit(0); i < open.size(); i = deleted.nextClearBit(i + 1)) {
            octets += open.octets(i);
        }
        return octets;
    }

    private Pop3Response listing(Maildrop open, boolean uids) {
        String text = uids ? "Unique ids follow" : remaining(open) + " messages (" + remainingOctets(open) + " octets)";
        return Pop3Response.multiline(text, new Listing(open, deleted, uids));
    }

    private Pop3Response listed(Maildrop open, int number, boolean uid) {
        if (!exists(open, number)) {
            return noSuchMessage();
        }
        return Pop3Response.ok(number + " " + (uid ? open.uid(number - 1) : Long.toString(open.octets(number - 1))));
    }

    private CompletionStage<Pop3Response> retrieve(Maildrop open, int number, int bodyLines) {
        if (!exists(open, number)) {
            return done(noSuchMessage());
        }
        String text = bodyLines < 0 ? open.octets(number - 1) + " octets" : "Top of message follows";
        CompletionStage<MaildropMessage> reading = bodyLines < 0 ? ahead(open).take(number) : open.read(number - 1);
        return atHome(reading).thenApply(message -> {
            retrieved++;
            return Pop3Response.multiline(text, new Pop3Body.Message(message, bodyLines));
        });
    }

    private ReadAhead ahead(Maildrop open) {
        ReadAhead reading = ahead;
        if (reading == null) {
            reading = new ReadAhead(open, number -> !closed && exists(open, number));
            ahead = reading;
        }
        return reading;
    }

    private void dropAhead() {
        if (ahead != null) {
            ahead.drop();
        }
    }

    private Pop3Response delete(Maildrop open, int number) {
        if (!exists(open, number)) {
            return noSuchMessage();
        }
        deleted.set(number - 1);
        return Pop3Response.ok("Message " + number + " deleted");
    }

    private boolean exists(Maildrop open, int number) {
        return number <= open.size() && !deleted.get(number - 1);
    }

    private static Pop3Response noSuchMessage() {
        return Pop3Response.err("No such message");
    }

    /**
     * Enters the UPDATE state: deletes all marked messages or none, then releases the lock in either case. RFC 1939,
     * 6.
     */
    private CompletionStage<Pop3Response> quit(Maildrop open) {
        state = Pop3State.UPDATE;
        CompletionStage<Void> update =
                deleted.isEmpty() ? CompletableFuture.completedFuture(null) : open.delete((BitSet) deleted.clone());
        return atHome(update).handle((ok, failure) -> {
            close();
            if (failure != null) {
                LOG.warn(
                        "event=pop3-delete-failed session={} mailbox={} reason=\"{}\"",
                        id,
                        login.mailbox(),
                        Failures.text(failure));
                return Pop3Response.close(Pop3Reply.err("SYS/TEMP", "Some deleted messages not removed"));
            }
            LOG.info(
                    "event=pop3-quit session={} mailbox={} retrieved={} deleted={}",
                    id,
                    login.mailbox(),
                    retrieved,
                    deleted.cardinality());
            return Pop3Response.close(Pop3Reply.ok("Bye"));
        });
    }

    /** Handles LANG. English is the only language, as {@code i-default} and {@code en}. RFC 6856, 3. */
    private static Pop3Response lang(Pop3Command.Lang lang) {
        String tag = lang.tag();
        if (tag == null) {
            return Pop3Response.multiline(
                    "Language listing follows", new TextLines(List.of("en English", "i-default English")));
        }
        return switch (tag.toLowerCase(Locale.ROOT)) {
            case "en", "en-us", "en-gb", "*" -> Pop3Response.ok("en Language changed");
            case "i-default" -> Pop3Response.ok("i-default Language changed");
            default -> Pop3Response.err("Language " + printable(tag) + " is not supported");
        };
    }

    private static String printable(String text) {
        return text.replaceAll("[^A-Za-z0-9-]", "?");
    }

    private Pop3Response count(Pop3Response response) {
        if (response.reply().status() == Pop3Reply.Status.ERR && ++errors >= config.maxErrors()) {
            return Pop3Response.close(response.reply());
        }
        return response;
    }

    private Pop3Response failed(Pop3Command command, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof MaildropException problem) {
            return Pop3Response.of(Pop3Login.errorReply(problem));
        }
        LOG.error("event=pop3-error session={} command={}", id, command.verb(), cause);
        return Pop3Response.of(Pop3Reply.err("SYS/TEMP", "Internal error, try again later"));
    }

    /** Continues on the session's thread: immediately if the stage is complete, otherwise as a task of that thread. */
    private <T extends @Nullable Object> CompletionStage<T> atHome(CompletionStage<T> stage) {
        return stage.toCompletableFuture().isDone() ? stage : stage.whenCompleteAsync((value, failure) -> {}, home);
    }

    private static CompletionStage<Pop3Response> done(Pop3Response response) {
        return CompletableFuture.completedFuture(response);
    }
}
