# The image of mailserv. Build the jar first: ./mvnw -q -DskipTests package && docker build -t mailserv .
# BUILD_IMAGE: has the JDK that the server's own Java runtime is made with (25 or later starts fastest); a Debian without one installs its
# own. BASE_IMAGE: what the image stands on, a Debian or Ubuntu with the same C library or a newer one.
ARG BUILD_IMAGE=eclipse-temurin:25-jdk
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
RUN command -v jlink >/dev/null || [ -x "$JAVA_HOME/bin/jlink" ] || \
    (apt-get update && apt-get install -y --no-install-recommends openjdk-17-jdk-headless binutils && rm -rf /var/lib/apt/lists/*)
COPY distribution/target/mailserv.jar /opt/mailserv/lib/mailserv.jar
COPY packaging/bin/ /opt/mailserv/bin/
COPY packaging/docker/container.conf /opt/mailserv/etc/container.conf
COPY packaging/jre.modules packaging/make-jre packaging/make-archive packaging/Train.java /tmp/packaging/
RUN /tmp/packaging/make-jre /opt/mailserv/jre && /tmp/packaging/make-archive /opt/mailserv

FROM ${BASE_IMAGE}
COPY --from=build /opt/mailserv /opt/mailserv
RUN ln -s /opt/mailserv/bin/mailserv /usr/local/bin/mailserv \
    && echo 'mailserv:x:10001:10001::/var/lib/mailserv:/usr/sbin/nologin' >>/etc/passwd \
    && echo 'mailserv:x:10001:' >>/etc/group \
    && mkdir -p /var/lib/mailserv /etc/mailserv && chown 10001:10001 /var/lib/mailserv /etc/mailserv && chmod 700 /var/lib/mailserv
# The file is optional: without it the server takes its settings from the environment.
ENV MAILSERV_CONFIG=/etc/mailserv/mailserv.conf \
    MAILSERV_DEFAULTS=/opt/mailserv/etc/container.conf \
    MAILSERV_HEALTH_FILE=/tmp/mailserv.health \
    LANG=C.UTF-8
USER 10001:10001
WORKDIR /var/lib/mailserv
VOLUME /var/lib/mailserv
EXPOSE 25 587 465 110 995 8025
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s --retries=3 CMD ["/opt/mailserv/bin/healthcheck"]
ENTRYPOINT ["/opt/mailserv/bin/mailserv"]
