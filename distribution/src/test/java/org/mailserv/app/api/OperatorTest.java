package org.mailserv.app.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OperatorTest {
    private static final Operator ADMINISTRATOR = new Operator("a", Operator.Role.ADMINISTRATOR, false);
    private static final Operator READER = new Operator("r", Operator.Role.READ_ONLY, false);
    private static final Operator OF_DOMAIN =
            new Operator("d", Operator.Role.DOMAIN_ADMINISTRATOR, false, Set.of("a.example"));
    private static final Operator READER_OF_DOMAIN =
            new Operator("x", Operator.Role.READ_ONLY, false, Set.of("a.example"));

    static Iterable<Call<?, ?>> calls() {
        return Calls.ALL;
    }

    @ParameterizedTest
    @MethodSource("calls")
    @DisplayName("who only reads may use no call that changes anything")
    void readersChangeNothing(Call<?, ?> call) {
        assertThat(READER.may(call))
                .isEqualTo(Set.of(Call.Access.DOMAIN_READ, Call.Access.READ, Call.Access.QUEUE)
                        .contains(call.access()));
        assertThat(READER.may(call) && !call.isReading()).isFalse();
        assertThat(READER_OF_DOMAIN.may(call))
                .isEqualTo(Set.of(Call.Access.DOMAIN_READ, Call.Access.QUEUE).contains(call.access()));
    }

    @ParameterizedTest
    @MethodSource("calls")
    @DisplayName("an administrator of a domain may use only calls whose request or answer names the domain")
    void administratorsOfDomains(Call<?, ?> call) {
        boolean scoped = Set.of(Call.Access.DOMAIN_READ, Call.Access.QUEUE, Call.Access.DOMAIN_CHANGE)
                .contains(call.access());
        assertThat(OF_DOMAIN.may(call)).isEqualTo(scoped);
        if (call.access() == Call.Access.DOMAIN_CHANGE) {
            assertThat(DomainRequest.class).isAssignableFrom(call.request());
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    @DisplayName("a user of the host may list the queue and nothing else")
    void hostUsers(Call<?, ?> call) {
        Operator user = new Operator("u", Operator.Role.HOST_USER, false);
        assertThat(user.may(call)).isEqualTo(call == Calls.QUEUE);
    }

    @ParameterizedTest
    @MethodSource("calls")
    @DisplayName("an administrator over the network may do all but what concerns the host")
    void administrators(Call<?, ?> call) {
        assertThat(ADMINISTRATOR.may(call)).isEqualTo(call.access() != Call.Access.LOCAL);
    }

    @Test
    void aDomainAdministratorHasADomain() {
        assertThatThrownBy(() -> new Operator("d", Operator.Role.DOMAIN_ADMINISTRATOR, false, Set.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
