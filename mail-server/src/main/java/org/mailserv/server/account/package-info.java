/**
 * Local domains, users and aliases, and the verification of passwords. RFC 4616, RFC 5802, RFC 5321, 4.5.1. Protocol
 * syntax and mailbox storage do not belong here. Start with {@link org.mailserv.server.account.AccountStore} and its
 * main implementation, {@link org.mailserv.server.account.LocalAccounts}.
 */
@NullMarked
package org.mailserv.server.account;

import org.jspecify.annotations.NullMarked;
