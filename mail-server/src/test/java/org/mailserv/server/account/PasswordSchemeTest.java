package org.mailserv.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hashes of "secret" as other programs write them. */
class PasswordSchemeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{PLAIN}secret",
                "{plain}secret",
                "{CLEARTEXT}secret",
                "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
                "{SHA256.HEX}2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
                "{SSHA}1G904nLkTkGWjKNnQuB/hpWXC/hzYWx0c2FsdA==",
                "{SSHA512}aCu7JRc+kLsuEmFs1zTY+AiP7DSGnjjG+dH28Dp+E5usqoAixeTPihKqZmkWal4mUfp63tqvCAkFV1LKTDFH6XNhbHRzYWx0",
                "{SCRAM-SHA-256}4096,c2FsdHNhbHQ=,v9cxy4WCDtc8UMxTg6KXCtlxIku1bUKTGuWEXFC1L54=,rwGpSn6lR97mSEImO0RA7JCZ4WnpCnnKddTt3G/t6II=",
                "{SCRAM-SHA-1}4096,c2FsdHNhbHQ=,RgEqzzKLKVeLA7GvEwcwrTiMvYA=,BGJ3kaHb4Tscas0mjhXJHF+aw/s=",
                "{PBKDF2}$1$saltsalt$5000$9d0487892cf650c51cd61d0b11d60b9c5114b27e",
                "{MD5-CRYPT}$1$saltstr$2v0xBJ/TLP2HGP.WwPB8M.",
                "{SHA256-CRYPT}$5$saltstring$C3o4O1TC6aRHF4FI.QSZMXtHbaj2gSXr4sUc/3NcUi.",
                "{CRYPT}$5$saltstring$C3o4O1TC6aRHF4FI.QSZMXtHbaj2gSXr4sUc/3NcUi.",
                "{PLAIN-MD5}5ebe2294ecd0e0f08eab7690d2a6ee69",
            })
    void readsWhatOthersWrite(String stored) {
        assertThat(PasswordScheme.isKnown(stored)).isTrue();
        assertThat(PasswordScheme.verify(stored, "secret")).isTrue();
        assertThat(PasswordScheme.verify(stored, "Secret")).isFalse();
        assertThat(PasswordScheme.verify(stored, "")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{SHA512-CRYPT}$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1",
                "{SHA512-CRYPT}$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1x",
                "{ARGON2ID}$argon2id$broken",
                "{SCRAM-SHA-256}4096,x",
                "{BLF-CRYPT}",
                "{BLF-CRYPT}$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkY8jIucDrjc8deX1s.",
                "{SSHA}AAAA",
                "{WHAT}secret",
                "secret"
            })
    void anUnreadableHashFitsNothing(String stored) {
        assertThat(PasswordScheme.verify(stored, "secret")).isFalse();
    }

    @Test
    void readsTheCryptOfTheSpecification() {
        assertThat(PasswordScheme.verify(
                        "{SHA512-CRYPT}$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
                        "Hello world!"))
                .isTrue();
    }

    @Test
    void whatItHashesItTakes() {
        String stored = PasswordScheme.hash("grüße");
        assertThat(stored).startsWith("{SCRAM-SHA-256}16384,");
        assertThat(PasswordScheme.verify(stored, "grüße")).isTrue();
        assertThat(PasswordScheme.verify(stored, "gruesse")).isFalse();
    }
}
