# The demo server in an image: docs/operations.md describes how to run it. `.ci/image` builds and tries the image; where
# Docker is not available, it carries out these instructions itself, so the second stage has no RUN.
FROM eclipse-temurin:17-jdk AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 ./mvnw -B -ntp -q package -DskipTests -pl chat-demo -am
RUN mkdir -p target/data

FROM eclipse-temurin:17-jre
COPY --from=build /src/chat-demo/target/chat-demo.jar /opt/confab/chat-demo.jar
COPY --from=build /src/deploy/health-check /opt/confab/health-check
# The volume has the owner of this directory. The server runs as a user that has no name and no home.
COPY --from=build --chown=10001:10001 /src/target/data /data
VOLUME /data
USER 10001:10001
ENV DATABASE_URL=jdbc:h2:file:/data/chat
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["/opt/confab/health-check", "8080"]
# Java is the process 1, so it gets the SIGTERM of `docker stop` and drains. Options of Java: JDK_JAVA_OPTIONS.
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=50", "-jar", "/opt/confab/chat-demo.jar", "serve", "--host", "0.0.0.0"]
