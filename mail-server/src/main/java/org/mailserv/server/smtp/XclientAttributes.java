package org.mailserv.server.smtp;

import io.netty.util.NetUtil;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.EsmtpParameters;

/** The attributes of an XCLIENT command. {@code [UNAVAILABLE]} and {@code [TEMPUNAVAIL]} count as absent. */
record XclientAttributes(
        @Nullable String address,
        @Nullable String name,
        @Nullable String helo,
        @Nullable String login,
        boolean understood) {

    static XclientAttributes of(EsmtpParameters attributes) {
        boolean understood = true;
        for (String keyword : attributes.keywords()) {
            understood &= switch (keyword) {
                case "ADDR", "NAME", "HELO", "LOGIN", "PORT", "PROTO", "DESTADDR", "DESTPORT" -> true;
                default -> false;
            };
        }
        String address = value(attributes, "ADDR");
        if (address != null) {
            String bare = address.toUpperCase(Locale.ROOT).startsWith("IPV6:") ? address.substring(5) : address;
            understood &= NetUtil.isValidIpV4Address(bare) || NetUtil.isValidIpV6Address(bare);
            address = bare;
        }
        return new XclientAttributes(
                address, value(attributes, "NAME"), value(attributes, "HELO"), value(attributes, "LOGIN"), understood);
    }

    private static @Nullable String value(EsmtpParameters attributes, String keyword) {
        String value = attributes.get(keyword);
        return value == null || value.isEmpty() || value.startsWith("[") && !keyword.equals("HELO") ? null : value;
    }
}
