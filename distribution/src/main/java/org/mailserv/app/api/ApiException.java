package org.mailserv.app.api;

/** A call that was not carried out. The message is for the operator. */
public final class ApiException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Kinds of failures, with their status codes in HTTP. */
    public enum Kind {
        MALFORMED(400),
        FORBIDDEN(403),
        NOT_FOUND(404),
        CONFLICT(409),
        FAILED(500),
        UNAVAILABLE(503);

        private final int status;

        Kind(int status) {
            this.status = status;
        }

        public int status() {
            return status;
        }

        /** Returns the kind of a status code, {@link #FAILED} for others. */
        public static Kind of(int status) {
            for (Kind kind : values()) {
                if (kind.status == status) {
                    return kind;
                }
            }
            return FAILED;
        }
    }

    private final Kind kind;

    public ApiException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public static ApiException malformed(String message) {
        return new ApiException(Kind.MALFORMED, message);
    }

    public static ApiException notFound(String message) {
        return new ApiException(Kind.NOT_FOUND, message);
    }
}
