package org.mailserv.app.api;

/** The number of aggregate reports that were sent. */
public record ReportsSent(int sent) {}
