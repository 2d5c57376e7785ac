package org.mailserv.server.smtp;

import org.mailserv.codec.smtp.SmtpReply;

/**
 * What a session answers.
 *
 * @param close whether the connection ends once the reply is written
 */
public record SmtpResponse(SmtpReply reply, boolean close) {
    static SmtpResponse of(SmtpReply reply) {
        return new SmtpResponse(reply, reply.code() == 421 || reply.code() == 521);
    }
}
