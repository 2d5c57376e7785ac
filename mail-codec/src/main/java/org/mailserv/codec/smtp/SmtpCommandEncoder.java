package org.mailserv.codec.smtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Xtext;

/**
 * Encodes commands and content. Content after DATA is dot-stuffed; content after BDAT is sent unchanged. RFC 5321,
 * 4.1.
 */
final class SmtpCommandEncoder extends ChannelOutboundHandlerAdapter {
    private final Runnable startTlsSent;
    private final DotStuffer stuffer = new DotStuffer();
    private boolean stuffing;

    SmtpCommandEncoder(Runnable startTlsSent) {
        this.startTlsSent = startTlsSent;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof SmtpCommand command) {
            writeCommand(ctx, command, promise);
        } else if (message instanceof SmtpContent content) {
            writeContent(ctx, content, promise);
        } else {
            // A FileRegion or ByteBuf is already in wire format.
            ctx.write(message, promise);
        }
    }

    private void writeCommand(ChannelHandlerContext ctx, SmtpCommand command, ChannelPromise promise) {
        String line = line(command);
        if (line == null || line.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
            promise.setFailure(new IllegalArgumentException(
                    "command: " + command.verb() + " (expected: one that a client sends, without CR, LF and NUL)"));
            return;
        }
        if (command instanceof SmtpCommand.Data) {
            stuffing = true;
            stuffer.begin();
        } else if (command instanceof SmtpCommand.Bdat) {
            stuffing = false;
        } else if (command instanceof SmtpCommand.StartTls) {
            startTlsSent.run();
        }
        ByteBuf octets = ctx.alloc().ioBuffer(ByteBufUtil.utf8MaxBytes(line.length()) + 2);
        ByteBufUtil.writeUtf8(octets, line);
        ctx.write(octets.writeByte('\r').writeByte('\n'), promise);
    }

    private void writeContent(ChannelHandlerContext ctx, SmtpContent content, ChannelPromise promise) {
        if (!stuffing) {
            ctx.write(content.content(), promise);
            return;
        }
        OneBehind parts = new OneBehind(ctx);
        stuffer.stuff(content.content(), parts::add);
        if (content instanceof LastSmtpContent) {
            stuffing = false;
            parts.add(stuffer.end());
        }
        parts.finish(promise);
    }

    /** Writes each part when the next one arrives, so that the last part carries the promise. */
    private static final class OneBehind {
        private final ChannelHandlerContext ctx;
        private @Nullable ByteBuf held;

        OneBehind(ChannelHandlerContext ctx) {
            this.ctx = ctx;
        }

        void add(ByteBuf part) {
            if (held != null) {
                ctx.write(held);
            }
            held = part;
        }

        void finish(ChannelPromise promise) {
            ctx.write(held == null ? Unpooled.EMPTY_BUFFER : held, promise);
            held = null;
        }
    }

    /** Returns the command line without CRLF, or null if a client cannot send the command. */
    private static @Nullable String line(SmtpCommand command) {
        if (command instanceof SmtpCommand.Mail mail) {
            return "MAIL FROM:<" + mail.path() + ">" + suffix(mail.parameters());
        } else if (command instanceof SmtpCommand.Rcpt rcpt) {
            return "RCPT TO:<" + rcpt.address() + ">" + suffix(rcpt.parameters());
        } else if (command instanceof SmtpCommand.Bdat bdat) {
            return "BDAT " + bdat.size() + (bdat.last() ? " LAST" : "");
        } else if (command instanceof SmtpCommand.Helo helo) {
            return "HELO " + helo.domain();
        } else if (command instanceof SmtpCommand.Ehlo ehlo) {
            return "EHLO " + ehlo.domain();
        } else if (command instanceof SmtpCommand.Lhlo lhlo) {
            return "LHLO " + lhlo.domain();
        } else if (command instanceof SmtpCommand.Auth auth) {
            return "AUTH " + auth.mechanism() + (auth.initialResponse() == null ? "" : " " + auth.initialResponse());
        } else if (command instanceof SmtpCommand.AuthResponse response) {
            return response.line();
        }
        return rareLine(command);
    }

    private static @Nullable String rareLine(SmtpCommand command) {
        if (command instanceof SmtpCommand.Help help) {
            return help.topic() == null ? "HELP" : "HELP " + help.topic();
        } else if (command instanceof SmtpCommand.Vrfy vrfy) {
            return "VRFY " + vrfy.argument();
        } else if (command instanceof SmtpCommand.Expn expn) {
            return "EXPN " + expn.argument();
        } else if (command instanceof SmtpCommand.Etrn etrn) {
            return "ETRN " + etrn.node();
        } else if (command instanceof SmtpCommand.Xclient xclient) {
            StringBuilder line = new StringBuilder("XCLIENT");
            for (String name : xclient.attributes().keywords()) {
                String value = xclient.attributes().get(name);
                line.append(' ').append(name).append('=').append(value == null ? "" : Xtext.encode(value));
            }
            return line.toString();
        } else if (command instanceof SmtpCommand.Unknown || command instanceof SmtpCommand.Malformed) {
            return null;
        }
        return command.verb();
    }

    private static String suffix(EsmtpParameters parameters) {
        return parameters.isEmpty() ? "" : " " + parameters;
    }
}
