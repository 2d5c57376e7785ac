package org.mailserv.app.api;

import java.util.List;

/**
 * The certificates in use and the state of their renewal.
 *
 * @param lines the report for people, line by line
 * @param warnings problems of which an operator should know, with remedies; empty if all is well
 */
public record CertificateReport(List<String> lines, List<String> warnings) {}
