/** Takes the identity and the rooms of clients from signed JSON Web Tokens. */
module dev.confab.jwt {
    requires transitive dev.confab.netty;
    requires java.net.http;
    requires org.jose4j;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.confab.jwt;
}
