package dev.confab.demo.bench;

import java.util.ArrayList;
import java.util.List;

/** A table as text: the first column is aligned left, the others right, below a head of two lines. For one thread. */
final class TextTable {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    /** Adds a row; all rows have the same number of columns. */
    TextTable row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    /** Returns the table with a line under the first two rows, and without a final line break. */
    @Override
    public String toString() {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? row.get(i) + padding : GAP + padding + row.get(i));
            }
            lines.add(line.toString().stripTrailing());
        }
        lines.add(2, "-".repeat(lines.stream().mapToInt(String::length).max().orElse(0)));
        return String.join(System.lineSeparator(), lines);
    }
}
