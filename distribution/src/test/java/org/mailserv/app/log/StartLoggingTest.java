package org.mailserv.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import io.netty.resolver.dns.DefaultDnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsNameResolver;
import org.junit.jupiter.api.Test;

class StartLoggingTest {
    @Test
    void netty_does_not_log_dns_servers_that_are_never_asked() {
        LoggerContext context = new LoggerContext();
        StartLogging.quietenNetty(context);

        assertThat(context.getLogger(DefaultDnsServerAddressStreamProvider.class)
                        .isWarnEnabled())
                .isFalse();
        assertThat(context.getLogger(DnsNameResolver.class).isWarnEnabled()).isTrue();
        assertThat(context.getLogger(DnsNameResolver.class).isInfoEnabled()).isFalse();
    }
}
