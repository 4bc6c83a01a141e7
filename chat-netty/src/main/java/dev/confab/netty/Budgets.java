package dev.confab.netty;

import io.netty.util.AttributeKey;

/**
 * The budgets of a server.
 *
 * @param input the budget for bytes that were received and not yet processed
 * @param output the budget for bytes that were written and not yet taken by their sockets
 */
record Budgets(Budget input, Budget output) {
    /** The channel attribute in which the handlers of a connection find the budgets. */
    static final AttributeKey<Budgets> KEY = AttributeKey.valueOf(Budgets.class, "budgets");

    static Budgets of(ChatServerConfig config) {
        return new Budgets(
                new Budget("inputBudget", config.inputBudget()), new Budget("outputBudget", config.outputBudget()));
    }
}
