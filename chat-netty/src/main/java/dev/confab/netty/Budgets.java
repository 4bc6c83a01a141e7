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

    static Budgets of(ChatServerConfig config, Events events) {
        return new Budgets(
                new Budget("inputBudget", config.inputBudget(), reports(events, ServerListener.Bound.INPUT)),
                new Budget("outputBudget", config.outputBudget(), reports(events, ServerListener.Bound.OUTPUT)));
    }

    private static Runnable reports(Events events, ServerListener.Bound bound) {
        return () -> events.report(listener -> listener.limitReached(bound));
    }
}
