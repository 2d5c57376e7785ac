package org.mailserv.app.api;

import java.time.Instant;
import java.util.List;

/**
 * A password for one program of a user.
 *
 * @param id identifies it among those of the user
 * @param name the name that the user chose
 * @param scopes the protocols that accept it: {@code smtp}, {@code pop3}
 * @param created time of its creation
 */
public record AppPasswordInfo(String id, String name, List<String> scopes, Instant created) {}
