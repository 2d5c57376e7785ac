# The image of mailserv with the driver of Apache Cassandra beside it. The build context is the root of the source tree.
ARG MAILSERV_IMAGE=mailserv:latest
FROM ${MAILSERV_IMAGE}
COPY distribution/target/mailserv-cassandra.jar /opt/mailserv/lib/mailserv-cassandra.jar
