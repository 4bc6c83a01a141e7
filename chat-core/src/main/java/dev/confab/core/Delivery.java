package dev.confab.core;

/** A delivery to a reader: a batch of entries, or the notice that entries are missing. */
public sealed interface Delivery permits Batch, Gap {
    /** Returns the reader's cursor after this delivery. */
    MessageId to();
}
