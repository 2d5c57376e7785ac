package org.mailserv.codec.smtp;

/** Input from a client: a command or a chunk of content. */
public sealed interface SmtpObject permits SmtpCommand, SmtpContent {}
