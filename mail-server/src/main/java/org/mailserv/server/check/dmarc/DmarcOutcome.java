package org.mailserv.server.check.dmarc;

/**
 * The outcome of one check.
 *
 * @param result {@code pass}, {@code fail}, {@code none}, {@code temperror}, {@code permerror}
 * @param domain the author's domain
 * @param policy what is to be done with the message; NONE unless it failed
 * @param reason for people: the policy as published and where it stands
 */
public record DmarcOutcome(String result, String domain, DmarcPolicy policy, String reason) {}
