package org.mailserv.app.api;

/** The places where a user, an alias or a domain is written. */
public enum SettingSource {
    /** A file of the data folder, which the API and the command line change. */
    FILE,
    /** The configuration, which only people change. */
    CONFIG
}
