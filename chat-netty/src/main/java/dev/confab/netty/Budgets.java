package dev.confab.netty;

import io.netty.util.AttributeKey;

/**
 * The budgets of a server.
 *
 * @param input bytes that were received and not processed
 * @param output bytes that were written and not taken
 */
record Budgets(Budget input, Budget output) {
    /** Where the handlers of a connection find them. */
    static final AttributeKey<Budgets> KEY = AttributeKey.valueOf(Budgets.class, "budgets");

    static Budgets of(ChatServerConfig config) {
        return new Budgets(
                new Budget("inputBudget", config.inputBudget()), new Budget("outputBudget", config.outputBudget()));
    }
}
