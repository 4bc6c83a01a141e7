package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.io.PrintWriter;

/** Prints the progress of a run. For one thread. */
final class Progress {
    private static final int STEP = 5;

    private final PrintWriter out;

    Progress(PrintWriter out) {
        this.out = out;
    }

    void say(String line) {
        out.println(line);
        out.flush();
    }

    /** Called after each second of the run; prints a line for some of the seconds. */
    void second(Transport transport, int second, int of, Result.Second figures) {
        if (second % STEP == 0 || second == of) {
            say("  " + transport.label() + ": " + second + " of " + of + " s, " + Figures.whole(figures.deliveries())
                    + " deliveries a second, p99 " + Figures.millis(figures.p99()) + " ms");
        }
    }
}
