/** Framework-free core: model, ids, order, the seam of the stores, subscriptions and the JSON form. */
module dev.confab.core {
    requires com.github.f4b6a3.ulid;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires tools.jackson.core;

    exports dev.confab.core;
}
