package dev.confab.core;

/** What a reader gets: entries, or the word that some are missing. */
public sealed interface Delivery permits Batch, Gap {
    /** The reader's cursor after this. */
    MessageId to();
}
