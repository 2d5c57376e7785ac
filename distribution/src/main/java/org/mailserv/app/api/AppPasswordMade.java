package org.mailserv.app.api;

/**
 * A new app password.
 *
 * @param password the password, which cannot be shown again
 */
public record AppPasswordMade(AppPasswordInfo info, String password) {
    @Override
    public String toString() {
        return "AppPasswordMade[" + info + "]";
    }
}
