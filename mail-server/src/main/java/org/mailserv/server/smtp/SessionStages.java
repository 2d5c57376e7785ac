package org.mailserv.server.smtp;

/** The stages of one session, which the commands of the table are handed to. */
record SessionStages(
        SessionContext context,
        HelloStage hello,
        SmtpAuthentication authentication,
        MailStage mail,
        RcptStage rcpt,
        BodyStage body) {}
