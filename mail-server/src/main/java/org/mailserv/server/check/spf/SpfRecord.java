package org.mailserv.server.check.spf;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A parsed policy. The whole record is parsed before any part is evaluated, because a syntax error anywhere is a permanent error. RFC 7208,
 * 4.6.
 *
 * @param directives the mechanisms, in order
 * @param redirect the domain-spec to continue with if no mechanism matches, or null
 * @param explanation the domain-spec of the explanation, or null
 */
record SpfRecord(
        List<Directive> directives,
        @Nullable String redirect,
        @Nullable String explanation) {
    private static final Pattern MODIFIER = Pattern.compile("([A-Za-z][A-Za-z0-9_.-]*)=(.*)", Pattern.DOTALL);
    private static final Pattern CIDR = Pattern.compile("(?:/(0|[1-9]\\d{0,2}))?(?://(0|[1-9]\\d{0,2}))?$");

    /** Mechanisms. RFC 7208, 5. */
    enum Kind {
        ALL,
        INCLUDE,
        A,
        MX,
        PTR,
        IP4,
        IP6,
        EXISTS
    }

    /**
     * A mechanism with its qualifier.
     *
     * @param text the directive as written in the record
     * @param domain its domain-spec, or null for the current domain
     * @param network the network of ip4 and ip6, else null
     * @param bits4 prefix length for IPv4
     * @param bits6 prefix length for IPv6
     */
    record Directive(
            String text,
            SpfResult qualifier,
            Kind kind,
            @Nullable String domain,
            byte @Nullable [] network,
            int bits4,
            int bits6) {
        boolean looksUp() {
            return kind != Kind.ALL && kind != Kind.IP4 && kind != Kind.IP6;
        }
    }

    /** Returns whether a TXT record is a policy of version 1. RFC 7208, 4.5. */
    static boolean isPolicy(String text) {
        return text.regionMatches(true, 0, "v=spf1", 0, 6) && (text.length() == 6 || text.charAt(6) == ' ');
    }

    /**
     * Parses a policy.
     *
     * @throws SpfException permanent, if the grammar is violated
     */
    static SpfRecord parse(String text) {
        List<Directive> directives = new ArrayList<>();
        String redirect = null;
        String explanation = null;
        for (String term : text.substring(6).split(" ", -1)) {
            if (term.isEmpty()) {
                continue;
            }
            Matcher modifier = MODIFIER.matcher(term);
            if (!modifier.matches()) {
                directives.add(directive(term));
                continue;
            }
            String value = modifier.group(2);
            switch (modifier.group(1).toLowerCase(Locale.ROOT)) {
                case "redirect" -> redirect = once(redirect, value, term);
                case "exp" -> explanation = once(explanation, value, term);
                default -> SpfMacros.requireMacroString(value, term);
            }
        }
        return new SpfRecord(List.copyOf(directives), redirect, explanation);
    }

    private static String once(@Nullable String before, String value, String term) {
        if (before != null) {
            throw SpfException.permanent("given twice: " + term);
        }
        SpfMacros.requireDomainSpec(value, term);
        return value;
    }

    private static Directive directive(String term) {
        int start = 1;
        SpfResult qualifier = SpfResult.PASS;
        switch (term.charAt(0)) {
            case '+' -> qualifier = SpfResult.PASS;
            case '-' -> qualifier = SpfResult.FAIL;
            case '~' -> qualifier = SpfResult.SOFTFAIL;
            case '?' -> qualifier = SpfResult.NEUTRAL;
            default -> start = 0;
        }
        int end = start;
        while (end < term.length() && term.charAt(end) != ':' && term.charAt(end) != '/') {
            end++;
        }
        String name = term.substring(start, end).toLowerCase(Locale.ROOT);
        String argument = term.substring(end);
        return switch (name) {
            case "all" -> plain(term, qualifier, Kind.ALL, argument, false);
            case "include" -> plain(term, qualifier, Kind.INCLUDE, argument, true);
            case "exists" -> plain(term, qualifier, Kind.EXISTS, argument, true);
            case "ptr" -> plain(term, qualifier, Kind.PTR, argument, !argument.isEmpty());
            case "a" -> withCidr(term, qualifier, Kind.A, argument);
            case "mx" -> withCidr(term, qualifier, Kind.MX, argument);
            case "ip4" -> network(term, qualifier, Kind.IP4, argument);
            case "ip6" -> network(term, qualifier, Kind.IP6, argument);
            default -> throw SpfException.permanent("unknown mechanism: " + term);
        };
    }

    private static Directive plain(String term, SpfResult qualifier, Kind kind, String argument, boolean hasDomain) {
        if (!hasDomain && !argument.isEmpty()) {
            throw SpfException.permanent("takes no argument: " + term);
        }
        return new Directive(term, qualifier, kind, hasDomain ? domain(argument, term) : null, null, 32, 128);
    }

    private static String domain(String argument, String term) {
        if (!argument.startsWith(":")) {
            throw SpfException.permanent("wants a domain: " + term);
        }
        String domain = argument.substring(1);
        SpfMacros.requireDomainSpec(domain, term);
        return domain;
    }

    private static Directive withCidr(String term, SpfResult qualifier, Kind kind, String argument) {
        Matcher cidr = CIDR.matcher(argument);
        int bits4 = 32;
        int bits6 = 128;
        String rest = argument;
        if (cidr.find()) {
            bits4 = bits(cidr.group(1), 32, term);
            bits6 = bits(cidr.group(2), 128, term);
            rest = argument.substring(0, cidr.start());
        }
        return new Directive(term, qualifier, kind, rest.isEmpty() ? null : domain(rest, term), null, bits4, bits6);
    }

    private static int bits(@Nullable String digits, int most, String term) {
        int bits = digits == null ? most : Integer.parseInt(digits);
        if (bits > most) {
            throw SpfException.permanent("prefix too long: " + term);
        }
        return bits;
    }

    private static Directive network(String term, SpfResult qualifier, Kind kind, String argument) {
        int slash = argument.indexOf('/');
        String address = argument.startsWith(":") ? argument.substring(1, slash < 0 ? argument.length() : slash) : "";
        boolean four = kind == Kind.IP4;
        boolean plausible = four
                ? NetUtil.isValidIpV4Address(address)
                : address.indexOf(':') >= 0
                        && address.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.')
                        && NetUtil.isValidIpV6Address(address);
        byte[] octets = plausible ? NetUtil.createByteArrayFromIpAddressString(address) : null;
        String digits = slash < 0 ? null : argument.substring(slash + 1);
        if (octets == null || digits != null && !digits.matches("0|[1-9]\\d{0,2}")) {
            throw SpfException.permanent("no network: " + term);
        }
        int bits = bits(digits, four ? 32 : 128, term);
        return new Directive(term, qualifier, kind, null, octets, four ? bits : 32, four ? 128 : bits);
    }
}
