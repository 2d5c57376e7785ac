package org.mailserv.codec.smtp;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Answers every command, immediately or one event loop turn later, and records the input. */
final class RecordingSession extends ChannelInboundHandlerAdapter {
    final List<String> commands = new ArrayList<>();
    final StringBuilder body = new StringBuilder();
    final List<ContentResult> results = new ArrayList<>();
    private final boolean late;

    RecordingSession(boolean late) {
        this.late = late;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(SmtpReply.of(220, "ready"));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof SmtpContent content) {
            body.append(content.content().toString(StandardCharsets.ISO_8859_1));
            content.release();
            if (content instanceof LastSmtpContent last) {
                results.add(last.result());
                reply(ctx, SmtpReply.of(250, "2.0.0", "ok"));
            }
        } else if (message instanceof SmtpCommand command) {
            take(ctx, command);
        }
    }

    private void take(ChannelHandlerContext ctx, SmtpCommand command) {
        commands.add(
                command instanceof SmtpCommand.Malformed malformed
                        ? malformed.verb() + " " + malformed.reply().code()
                        : command.verb());
        if (command instanceof SmtpCommand.Malformed malformed) {
            reply(ctx, malformed.reply());
        } else if (command instanceof SmtpCommand.Data) {
            reply(ctx, SmtpReplies.R354_SEND_MESSAGE);
        } else if (command instanceof SmtpCommand.Auth) {
            reply(ctx, SmtpReply.of(334, ""));
        } else if (!(command instanceof SmtpCommand.Bdat)) {
            reply(ctx, SmtpReply.of(250, "2.0.0", "ok"));
        }
    }

    private void reply(ChannelHandlerContext ctx, SmtpReply reply) {
        if (late) {
            ctx.executor().execute(() -> ctx.writeAndFlush(reply));
        } else {
            ctx.writeAndFlush(reply);
        }
    }
}
