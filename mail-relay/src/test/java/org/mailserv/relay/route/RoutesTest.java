package org.mailserv.relay.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mailserv.relay.config.RelayConfig;
import org.mailserv.relay.config.RouteConfig;

class RoutesTest {
    private final Routes routes = new Routes(RelayConfig.defaults()
            .withRoutes(Map.of(
                    "Straße.test", RouteConfig.to("own", 1),
                    ".bu\u0308cher.test", RouteConfig.to("below", 2),
                    "*", RouteConfig.to("all", 3))));

    @ParameterizedTest
    @DisplayName("a route holds for all forms of its domain, and for no other domain")
    @CsvSource({
        "straße.test, own",
        "xn--strae-oqa.test, own",
        "STRAẞE.TEST, own",
        "strasse.test, all",
        "a.bücher.test, below",
        "a.b.xn--bcher-kva.test, below",
        "bücher.test, all"
    })
    void knowsAllForms(String domain, String host) {
        assertThat(routes.find(domain).host()).isEqualTo(host);
    }
}
