# An image of Garage: docker build -t garage .
#
# What runs is Debian, the distribution that scripts/build makes, and a Java runtime of the modules
# it needs; the build stage wants a JDK 25, Maven and bash.
ARG BUILD_IMAGE=maven:3-eclipse-temurin-25
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY . .
RUN scripts/build --image

FROM ${BASE_IMAGE}
RUN groupadd --gid 1000 garage \
  && useradd --uid 1000 --gid 1000 --no-create-home --home-dir /var/lib/garage --shell /usr/sbin/nologin garage \
  && install -d -o garage -g garage -m 700 /var/lib/garage /var/lib/garage/meta /var/lib/garage/data
COPY --from=build /src/target/dist /opt/garage
RUN ln -s /opt/garage/bin/garage /garage && ln -s /opt/garage/bin/garage /usr/local/bin/garage

# S3, RPC, admin, web sites
EXPOSE 3900 3901 3902 3903
USER 1000:1000
WORKDIR /var/lib/garage
VOLUME /var/lib/garage
CMD ["/garage", "server"]
