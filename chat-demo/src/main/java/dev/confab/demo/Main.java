package dev.confab.demo;

/** Placeholder. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.out.println("confab");
    }
}
