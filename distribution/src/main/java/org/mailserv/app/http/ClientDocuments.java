package org.mailserv.app.http;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.mailserv.app.config.ClientService;
import org.mailserv.server.tls.TlsMode;

/** Writes the XML documents that describe an account's settings to mail programs. */
final class ClientDocuments {
    private static final String RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
    private static final String OUTLOOK =
            "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    private ClientDocuments() {}

    /** Writes a part of a document. */
    private interface Body {
        void write(XMLStreamWriter xml) throws XMLStreamException;
    }

    /** Returns Thunderbird's {@code config-v1.1.xml} for a domain. */
    static String autoconfig(String domain, List<ClientService> services) {
        return document(xml -> {
            xml.writeStartElement("clientConfig");
            xml.writeAttribute("version", "1.1");
            xml.writeStartElement("emailProvider");
            xml.writeAttribute("id", domain);
            element(xml, "domain", domain);
            element(xml, "displayName", domain);
            for (ClientService service : services) {
                xml.writeStartElement(service.protocol().isIncoming() ? "incomingServer" : "outgoingServer");
                xml.writeAttribute("type", service.protocol().word());
                element(xml, "hostname", service.host());
                element(xml, "port", String.valueOf(service.port()));
                element(xml, "socketType", socketType(service.tls()));
                element(xml, "username", "%EMAILADDRESS%");
                element(xml, "authentication", "password-cleartext");
                xml.writeEndElement();
            }
            xml.writeEndElement();
            xml.writeEndElement();
        });
    }

    /**
     * Returns the response of Microsoft's autodiscover.
     *
     * @param address the address that was asked about, or an empty string
     */
    static String autodiscover(String address, List<ClientService> services) {
        return document(xml -> {
            xml.writeStartElement("Autodiscover");
            xml.writeDefaultNamespace(RESPONSE);
            xml.writeStartElement("Response");
            xml.writeDefaultNamespace(OUTLOOK);
            xml.writeStartElement("Account");
            element(xml, "AccountType", "email");
            element(xml, "Action", "settings");
            for (ClientService service : services) {
                xml.writeStartElement("Protocol");
                element(xml, "Type", service.protocol().word().toUpperCase(Locale.ROOT));
                element(xml, "Server", service.host());
                element(xml, "Port", String.valueOf(service.port()));
                element(xml, "LoginName", address);
                element(xml, "SPA", "off");
                element(xml, "SSL", service.tls() == TlsMode.IMPLICIT ? "on" : "off");
                element(xml, "Encryption", encryption(service.tls()));
                element(xml, "AuthRequired", "on");
                xml.writeEndElement();
            }
            xml.writeEndElement();
            xml.writeEndElement();
            xml.writeEndElement();
        });
    }

    private static String socketType(TlsMode tls) {
        return switch (tls) {
            case IMPLICIT -> "SSL";
            case STARTTLS -> "STARTTLS";
            case NONE -> "plain";
        };
    }

    private static String encryption(TlsMode tls) {
        return switch (tls) {
            case IMPLICIT -> "SSL";
            case STARTTLS -> "TLS";
            case NONE -> "None";
        };
    }

    private static void element(XMLStreamWriter xml, String name, String text) throws XMLStreamException {
        xml.writeStartElement(name);
        xml.writeCharacters(text);
        xml.writeEndElement();
    }

    private static String document(Body body) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            body.write(xml);
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }
}
