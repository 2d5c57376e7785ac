package org.mailserv.server.smtp;

import static org.mailserv.server.smtp.SessionContext.done;
import static org.mailserv.server.smtp.SessionState.DATA;
import static org.mailserv.server.smtp.SessionState.MAIL;
import static org.mailserv.server.smtp.SessionState.READY;
import static org.mailserv.server.smtp.SessionState.RECIPIENTS;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;
import org.mailserv.codec.smtp.SmtpReply;

/** The commands of SMTP and LMTP: in which states each is valid, which capability it depends on, and what executes it. */
final class CommandTable {
    private static final Set<SessionState> ANY = EnumSet.allOf(SessionState.class);

    private final List<SmtpVerb<?>> verbs = new ArrayList<>();
    private final Map<Class<?>, SmtpVerb<?>> byType = new HashMap<>();

    /** @param extensions the commands of the registered extensions, in the order in which HELP lists them */
    CommandTable(List<SmtpVerb<?>> extensions) {
        addGreetings();
        addTransaction();
        addGeneral();
        addUnserved();
        extensions.forEach(this::add);
    }

    private void addGreetings() {
        Capability smtp = session -> session.endpoint.isLmtp() ? SmtpReplies.R500_UNRECOGNIZED : null;
        Capability lmtp = session -> session.endpoint.isLmtp() ? null : SmtpReplies.R502_NOT_IMPLEMENTED;
        add(SmtpVerb.of(
                        "HELO",
                        SmtpCommand.Helo.class,
                        ANY,
                        (stages, helo) -> done(stages.hello().helo(helo.domain())))
                .dependingOn(smtp));
        add(SmtpVerb.of(
                        "EHLO",
                        SmtpCommand.Ehlo.class,
                        ANY,
                        (stages, ehlo) -> done(stages.hello().ehlo(ehlo.domain())))
                .dependingOn(smtp));
        add(SmtpVerb.of(
                        "LHLO",
                        SmtpCommand.Lhlo.class,
                        ANY,
                        (stages, lhlo) -> done(stages.hello().ehlo(lhlo.domain())))
                .dependingOn(lmtp));
    }

    private void addTransaction() {
        add(SmtpVerb.of(
                        "MAIL",
                        SmtpCommand.Mail.class,
                        EnumSet.of(READY),
                        (stages, mail) -> stages.mail().mail(mail))
                .checking(MailStage::bareSender)
                .tooLateReply(SmtpReplies.R503_NESTED_MAIL));
        add(SmtpVerb.of(
                        "RCPT",
                        SmtpCommand.Rcpt.class,
                        EnumSet.of(MAIL, RECIPIENTS),
                        (stages, rcpt) -> stages.rcpt().rcpt(rcpt))
                .checking(RcptStage::bareRecipient));
        add(SmtpVerb.of(
                "DATA",
                SmtpCommand.Data.class,
                EnumSet.of(RECIPIENTS),
                (stages, data) -> done(stages.body().data())));
        add(SmtpVerb.of("BDAT", SmtpCommand.Bdat.class, EnumSet.of(RECIPIENTS, DATA), (stages, bdat) -> {
            stages.body().beginChunk(bdat);
            return null;
        }));
        add(SmtpVerb.of("RSET", SmtpCommand.Rset.class, ANY, (stages, rset) -> {
            stages.context().transaction.abort();
            return done(SmtpReplies.R250_OK);
        }));
    }

    private void addGeneral() {
        add(SmtpVerb.of("NOOP", SmtpCommand.Noop.class, ANY, (stages, noop) -> done(SmtpReplies.R250_OK)));
        add(SmtpVerb.of("QUIT", SmtpCommand.Quit.class, ANY, (stages, quit) -> {
            stages.context().transaction.abort();
            return done(SmtpReplies.R221_BYE);
        }));
        add(SmtpVerb.of("HELP", SmtpCommand.Help.class, ANY, (stages, help) -> done(help(stages.context()))));
        add(SmtpVerb.of("VRFY", SmtpCommand.Vrfy.class, ANY, (stages, vrfy) -> done(SmtpReplies.R252_CANNOT_VERIFY))
                .dependingOn(session -> session.mayVerify() ? null : SmtpReplies.R502_NOT_IMPLEMENTED));
    }

    /** Adds commands that are recognized and not served, and lines that are no commands. */
    private void addUnserved() {
        add(SmtpVerb.of("EXPN", SmtpCommand.Expn.class, ANY, (stages, expn) -> done(SmtpReplies.R502_NOT_IMPLEMENTED))
                .dependingOn(Capability.NEVER));
        add(SmtpVerb.unlisted(
                SmtpCommand.Obsolete.class, (stages, obsolete) -> done(SmtpReplies.R502_NOT_IMPLEMENTED)));
        add(SmtpVerb.unlisted(SmtpCommand.Unknown.class, (stages, unknown) -> done(SmtpReplies.R500_UNRECOGNIZED)));
        add(SmtpVerb.unlisted(SmtpCommand.Malformed.class, (stages, malformed) -> done(malformed.reply())));
    }

    private void add(SmtpVerb<?> verb) {
        if (byType.put(verb.type(), verb) != null) {
            throw new IllegalStateException(verb.name() + ": two rows of the command table define this command");
        }
        verbs.add(verb);
    }

    /** Returns the types of all commands that have a row. */
    Set<Class<?>> types() {
        return Set.copyOf(byType.keySet());
    }

    /** Returns the row of a command. */
    SmtpVerb<?> verbOf(SmtpCommand command) {
        SmtpVerb<?> verb = byType.get(command.getClass());
        if (verb == null) {
            throw new IllegalStateException(command.verb() + ": no row in the command table");
        }
        return verb;
    }

    /** Returns the reply to HELP: the commands that the client can use on this listener now. RFC 5321, 4.1.1.8. */
    private SmtpReply help(SessionContext session) {
        return verbs.stream()
                .filter(verb -> verb.isListed(session))
                .map(SmtpVerb::name)
                .collect(Collectors.collectingAndThen(
                        Collectors.joining(" ", "Commands: ", ""), text -> SmtpReply.of(214, "2.0.0", text)));
    }
}
