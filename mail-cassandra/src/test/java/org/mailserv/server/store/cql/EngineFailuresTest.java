package org.mailserv.server.store.cql;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverTimeoutException;
import com.datastax.oss.driver.api.core.NoNodeAvailableException;
import com.datastax.oss.driver.api.core.RequestThrottlingException;
import com.datastax.oss.driver.api.core.connection.ClosedConnectionException;
import com.datastax.oss.driver.api.core.connection.HeartbeatException;
import com.datastax.oss.driver.api.core.metadata.Node;
import com.datastax.oss.driver.api.core.servererrors.CASWriteUnknownException;
import com.datastax.oss.driver.api.core.servererrors.DefaultWriteType;
import com.datastax.oss.driver.api.core.servererrors.UnavailableException;
import com.datastax.oss.driver.api.core.servererrors.WriteTimeoutException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.server.cluster.table.TablesException.Reason;

/** An outcome that is not known must never count as one that is. */
class EngineFailuresTest {
    private static final DefaultConsistencyLevel LEVEL = DefaultConsistencyLevel.LOCAL_QUORUM;
    private static final Node NODE = (Node) Proxy.newProxyInstance(
            Node.class.getClassLoader(),
            new Class<?>[] {Node.class},
            (proxy, method, arguments) -> method.getName().equals("hashCode")
                    ? (Object) 1
                    : method.getName().equals("equals") ? proxy == arguments[0] : null);

    @Test
    @DisplayName("A write that no engine node has begun has failed")
    void neverSentIsFailed() {
        assertThat(reason(new NoNodeAvailableException())).isEqualTo(Reason.FAILED);
        assertThat(reason(new UnavailableException(NODE, LEVEL, 2, 1))).isEqualTo(Reason.FAILED);
        assertThat(reason(new RequestThrottlingException("full"))).isEqualTo(Reason.OVERLOADED);
        assertThat(EngineFailures.isConditionalWithoutEffect(new CompletionException(new NoNodeAvailableException())))
                .isTrue();
        assertThat(EngineFailures.isConditionalWithoutEffect(new RequestThrottlingException("full")))
                .isTrue();
    }

    @Test
    @DisplayName("A write that an engine node may have begun is unknown, whatever the last attempt said")
    void sentIsUnknown() {
        for (Throwable failure : List.of(
                new DriverTimeoutException("5 s"),
                new WriteTimeoutException(NODE, LEVEL, 1, 2, DefaultWriteType.SIMPLE),
                new CASWriteUnknownException(NODE, LEVEL, 1, 2),
                new ClosedConnectionException("lost"),
                all(new ClosedConnectionException("lost"), new UnavailableException(NODE, LEVEL, 2, 1)),
                all(new HeartbeatException(new InetSocketAddress(1), "late", null)))) {
            assertThat(reason(failure)).as("%s", failure).isEqualTo(Reason.UNKNOWN);
            assertThat(EngineFailures.isConditionalWithoutEffect(failure))
                    .as("%s", failure)
                    .isFalse();
        }
        assertThat(EngineFailures.isConditionalWithoutEffect(new UnavailableException(NODE, LEVEL, 2, 1)))
                .as("the decision may have been made before")
                .isFalse();
    }

    private static AllNodesFailedException all(Throwable... errors) {
        return AllNodesFailedException.fromErrors(java.util.Arrays.stream(errors)
                .map(error -> Map.entry(NODE, error))
                .toList());
    }

    private static Reason reason(Throwable failure) {
        return EngineFailures.of(new CompletionException(failure)).reason();
    }
}
