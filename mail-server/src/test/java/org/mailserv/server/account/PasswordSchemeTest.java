package org.mailserv.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                // As doveadm pw, openssl passwd and slappasswd write them.
                "{MD5}$1$Yh4soR9O$NOAmry4l2BqAWapVG10Qf0",
                "{MD5}5ebe2294ecd0e0f08eab7690d2a6ee69",
                "{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
                "{LDAP-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
                "{LDAP-MD5.HEX}5ebe2294ecd0e0f08eab7690d2a6ee69",
                "{PLAIN-MD5.b64}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
                "{SMD5}eIQ0Saqh5tj33ZIGGp/IvSW6NQs=",
                "{SMD5.HEX}6f77072a6c7e2a804a36d5a75168161de6b89ab4",
                "{SHA1.HEX}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4",
                "{SHA1.BASE64}5en6G6MezRroT3XKqkdPOmY/BfQ=",
                "{SSHA.HEX}40937c9542c94c661a15c62dd39e5a4a02b2a3b011863e5e",
                "{SSHA256}AbkxLEMI0dEsX5RWjj/IBaVVMSFXyYMBK3HMWQ6jyaQt/t7x",
                "{SHA512}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufKRpayrW/isg==",
                "{PLAIN.HEX}736563726574",
                "{CLEAR.B64}c2VjcmV0",
                "{DES-CRYPT}8xP/9OoO8jlVc",
                "{CRYPT}abNANd1rDfiNc",
                "{CRYPT}$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0",
                "{CRYPT}$2y$05$9lLMjs.jfyqvVm2kgWLX3u0A4o5kSwBlAzzqupaP4HFZPVKbaJwye",
                "{CRYPT.B64}JDJ5JDA1JG84eXhMdGRkbUZiRFV0SjhzejFWRHUyRC9mRjdILmNlSzh2b0N4Zlc3UDYzbGdBd3V2VUhl",
                "{BLF-CRYPT}$2y$05$aAUmyLTR0l4gQQr.YCWNKeZuOFc9vkD7SCKMV32PqwwcOBRiJTi6a",
                "{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$Xs0v+mrMH1bss4zWCy3MVQ$4wP0DFRsvinjO74aQRiGOB7tsTL5dExl2+oKqQNU4vI",
                "{PBKDF2}$1$etmI4x9uPiXsXdQS$5000$f980f67b234ed767c9461109749c6019041a005c",
                "$1$saltsalt$9xy1btjgzLYfb7hivXtC//",
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{CRAM-MD5}cd3ba7deaad6e5ca23448ba42e379747a9e0f7f1fbc00c8a81bbaac395731b56 | {CRAM-MD5} is not supported",
                "{HMAC-MD5}cd3ba7deaad6e5ca23448ba42e379747a9e0f7f1fbc00c8a81bbaac395731b56 | {HMAC-MD5} is not supported",
                "{DIGEST-MD5}6b193711446bad11e347c101e4e97bf4 | {DIGEST-MD5} is not supported",
                "{PLAIN-MD4}67d3dafef63ff00603aeef3769cfbf0d | {PLAIN-MD4} is not supported",
                "{NTLM}878d8014606cda29677a44efa1353fc7 | {NTLM} is not supported",
                "{LANMAN}552902031bede9efaad3b435b51404ee | {LANMAN} is not supported",
                "{OTP}sha1 1024 1c8f8d438ef9210b f5ce57a50536adbc | {OTP} is not supported",
                "{PLAIN-TRUNC}secret | {PLAIN-TRUNC} is not supported",
                "{WHAT}secret | {WHAT} is not supported",
                "{}secret | {...} is not supported",
                "{SHA.ROT13}5en6G6MezRroT3XKqkdPOmY/BfQ= | encoding",
                "{CRYPT}$y$j9T$abcdefgh$IUWJt2doU4Kf6E/JP1UkAT3S5O3Q7SSA8SJirXIlEu9 | method $y$ is not supported",
                "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D | method $7$ is not supported",
                "{CRYPT}secret | no hash of scheme {CRYPT}",
                "{PLAIN} | is empty",
                "{CRYPT}! | is locked",
                "!$1$saltsalt$9xy1btjgzLYfb7hivXtC// | is locked",
                "{BLF-CRYPT}!$2y$05$aAUmyLTR0l4gQQr.YCWNKeZuOFc9vkD7SCKMV32PqwwcOBRiJTi6a | is locked",
                "* | is locked",
                "secret | no scheme",
                "{secret | no scheme",
            })
    @DisplayName("a scheme that cannot be checked is named, without the value, and fits no password")
    void whatCannotBeCheckedIsNamed(String stored, String words) {
        assertThat(PasswordScheme.problem(stored)).contains(words).doesNotContain("secret");
        assertThat(PasswordScheme.isKnown(stored)).isFalse();
        for (String password : List.of("secret", "", stored, stored.substring(stored.indexOf('}') + 1))) {
            assertThat(PasswordScheme.verify(stored, password)).isFalse();
        }
    }

    @Test
    void aPlainPasswordMayLookLocked() {
        assertThat(PasswordScheme.verify("{PLAIN}!secret", "!secret")).isTrue();
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
