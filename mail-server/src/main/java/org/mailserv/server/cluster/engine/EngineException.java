package org.mailserv.server.cluster.engine;

/** Thrown when an engine cannot be used. The message is one line for the operator, and says what to do. */
public final class EngineException extends Exception {
    private static final long serialVersionUID = 1;

    public EngineException(String message) {
        super(message);
    }

    public EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
