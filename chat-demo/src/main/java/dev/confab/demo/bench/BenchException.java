package dev.confab.demo.bench;

/** Thrown when a run cannot continue; the message tells the user the reason. */
final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BenchException(String message) {
        super(message);
    }

    BenchException(String message, Throwable cause) {
        super(message, cause);
    }
}
