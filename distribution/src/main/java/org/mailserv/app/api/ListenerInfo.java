package org.mailserv.app.api;

import java.util.List;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.tls.TlsMode;

/**
 * A bound listener.
 *
 * @param proxyFrom networks of proxies that send the PROXY protocol
 */
public record ListenerInfo(MailservConfig.Kind kind, String address, int port, TlsMode tls, List<String> proxyFrom) {}
