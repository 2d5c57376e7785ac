package org.mailserv.codec.smtp;

/** What a client sends: a command, or a piece of content. */
public sealed interface SmtpObject permits SmtpCommand, SmtpContent {}
