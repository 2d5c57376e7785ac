package org.mailserv.acme.dns;

/** Result codes of DNS servers in words, with the usual remedy. RFC 2136, 2.2; RFC 8945, 5.2. */
final class DnsCodes {
    private DnsCodes() {}

    static String response(int code) {
        return switch (code) {
            case 1 -> "FORMERR: it cannot read the update";
            case 2 -> "SERVFAIL: it has a problem of its own; its log says more";
            case 3 -> "NXDOMAIN: no such name";
            case 4 -> "NOTIMP: it does not support dynamic updates";
            case 5 ->
                "REFUSED: it does not permit the update; allow the key for this zone (update-policy or allow-update)";
            case 9 -> "NOTAUTH: it is not the primary server of the zone, or the TSIG key is wrong";
            case 10 -> "NOTZONE: the name is outside the zone; correct tls.acme.dns.zone";
            default -> "code " + code;
        };
    }

    static String tsigError(int code) {
        return switch (code) {
            case 16 -> "BADSIG: the secret or the algorithm differs";
            case 17 -> "BADKEY: it does not know a key of this name";
            case 18 -> "BADTIME: the clocks of the two machines differ";
            default -> "code " + code;
        };
    }
}
