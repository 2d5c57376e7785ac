package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.NodeUnavailableException;
import com.datastax.oss.driver.api.core.RequestThrottlingException;
import com.datastax.oss.driver.api.core.connection.BusyConnectionException;
import com.datastax.oss.driver.api.core.cql.ExecutionInfo;
import com.datastax.oss.driver.api.core.servererrors.BootstrappingException;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import com.datastax.oss.driver.api.core.servererrors.UnavailableException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.mailserv.server.cluster.table.TablesException;
import org.mailserv.server.cluster.table.TablesException.Reason;

/**
 * Decides what a failed request has done. A request counts as without effect only if every attempt of it was: one that an engine node has
 * seen, and that it did not refuse before writing, may take effect at any later time.
 */
final class EngineFailures {
    private EngineFailures() {}

    /** Returns the failure of a read or of a logical write. */
    static TablesException of(Throwable failure) {
        Throwable cause = unwrap(failure);
        String message = cause.getClass().getSimpleName() + ": " + cause.getMessage();
        return new TablesException(reason(cause), message, cause);
    }

    private static Reason reason(Throwable cause) {
        if (cause instanceof RequestThrottlingException) {
            return Reason.OVERLOADED;
        }
        return isWithoutEffect(cause, true) ? Reason.FAILED : Reason.UNKNOWN;
    }

    /**
     * Returns whether a conditional write has had no effect and never will. Stricter than for logical writes: a lack of replicas may be noticed
     * after the decision was made.
     */
    static boolean isConditionalWithoutEffect(Throwable failure) {
        Throwable cause = unwrap(failure);
        return cause instanceof RequestThrottlingException || isWithoutEffect(cause, false);
    }

    private static boolean isWithoutEffect(Throwable cause, boolean unavailableToo) {
        if (cause instanceof AllNodesFailedException all) {
            return all.getAllErrors().values().stream()
                    .flatMap(List::stream)
                    .allMatch(error -> isRefused(error, unavailableToo));
        }
        return isRefused(cause, unavailableToo) && areEarlierAttemptsWithoutEffect(cause, unavailableToo);
    }

    private static boolean areEarlierAttemptsWithoutEffect(Throwable cause, boolean unavailableToo) {
        ExecutionInfo info = cause instanceof DriverException driver ? driver.getExecutionInfo() : null;
        // A speculative attempt may still be under way.
        return info == null
                || info.getSpeculativeExecutionCount() == 0
                        && info.getErrors().stream()
                                .map(Map.Entry::getValue)
                                .allMatch(error -> isRefused(error, unavailableToo));
    }

    private static boolean isRefused(Throwable error, boolean unavailableToo) {
        return error instanceof NodeUnavailableException
                || error instanceof BusyConnectionException
                || error instanceof BootstrappingException
                || error instanceof QueryValidationException
                || unavailableToo && error instanceof UnavailableException;
    }

    private static Throwable unwrap(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
