package org.mailserv.app.api;

/** A finished backup, with a line for the operator. */
public record BackupDone(String text) {}
