package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Checks when messages are due, and that latencies count from that time. */
final class ScheduleTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final String ID = "01KAM3000000000000000000";

    @Test
    void messagesAreDueAtEvenTimesRegardlessOfEarlierMessages() {
        Schedule schedule = new Schedule(4, 1, 2);
        assertThat(schedule.due(0)).isZero();
        assertThat(schedule.due(5)).isEqualTo(SECOND * 5 / 4);
        assertThat(schedule.first()).isEqualTo(4);
        assertThat(schedule.total()).isEqualTo(12);
        assertThat(schedule.dueAfter(-1)).isZero();
        assertThat(schedule.dueAfter(0)).isEqualTo(1);
        assertThat(schedule.dueAfter(SECOND / 4 - 1)).isEqualTo(1);
        assertThat(schedule.dueAfter(SECOND / 4)).isEqualTo(2);
        assertThat(schedule.dueAfter(100 * SECOND)).isEqualTo(12);
    }

    @Test
    void noMessageIsSentBeforeItIsDueAtOddRates() {
        Schedule schedule = new Schedule(333.3, 0, 10);
        for (int number = 0; number < schedule.total(); number++) {
            assertThat(schedule.dueAfter(schedule.due(number) - 1)).isEqualTo(number);
            assertThat(schedule.dueAfter(schedule.due(number))).isEqualTo(number + 1);
        }
    }

    @Test
    void latenciesOfAStalledPublisherCountFromTheDueTimes() {
        Schedule schedule = new Schedule(10, 0, 1);
        EmbeddedChannel channel = new EmbeddedChannel();
        Publisher publisher = new Publisher(
                channel.eventLoop(), schedule, 25, List.of("r"), new int[] {1}, new Address(false, "h", 80, ""));
        channel.pipeline().addLast(publisher.line());
        channel.pipeline().fireChannelActive();
        // Simulates a thread that stood still for a second: all ten messages are late, the first by a second, the last
        // by a tenth of a second.
        long start = System.nanoTime() - SECOND;
        publisher.startAt(start);
        publisher.run();
        channel.runPendingTasks();
        long written = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            channel.writeInbound(ascii("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"));
        }
        assertThat(publisher.isDone()).isTrue();
        assertThat(publisher.sendLag().getTotalCount()).isEqualTo(10);
        assertThat(publisher.sendLag().getMaxValue()).isGreaterThanOrEqualTo(1_000_000);
        assertThat(publisher.sendLag().getMinValue()).isBetween(99_000L, micros(written - start - SECOND * 9 / 10));
        assertThat(publisher.latency().getMaxValue()).isGreaterThanOrEqualTo(1_000_000);
        assertThat(publisher.acknowledged(0).cardinality()).isEqualTo(10);
        channel.finishAndReleaseAll();
    }

    @Test
    void refusedMessagesAreNotExpected() {
        Schedule schedule = new Schedule(2, 0, 1);
        EmbeddedChannel channel = new EmbeddedChannel();
        Publisher publisher = new Publisher(
                channel.eventLoop(), schedule, 25, List.of("r"), new int[] {3}, new Address(false, "h", 80, ""));
        channel.pipeline().addLast(publisher.line());
        channel.pipeline().fireChannelActive();
        publisher.startAt(System.nanoTime() - SECOND);
        publisher.run();
        channel.runPendingTasks();
        channel.writeInbound(ascii("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"));
        channel.writeInbound(ascii("HTTP/1.1 201 Created\r\ntransfer-encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"));
        assertThat(publisher.refused()).isOne();
        assertThat(publisher.expected()).isEqualTo(3);
        assertThat(publisher.acknowledged(0)).isEqualTo(bits(1));
        channel.finishAndReleaseAll();
    }

    @Test
    void latencyOfADelayedMessageCountsFromItsDueTime() {
        Tally tally = new Tally(1);
        Inbox inbox = new Inbox(tally, 0, 1, "r");
        long before = System.nanoTime();
        inbox.arrived(0);
        long arrived = System.nanoTime();
        take(inbox, message("AA", 0, arrived - 9 * SECOND)); // belongs to the warm-up
        take(inbox, message("AB", 1, arrived - 3 * SECOND));
        assertThat(tally.deliveries()).isEqualTo(2);
        assertThat(tally.measured()).isEqualTo(1);
        // The inbox took its time between the two readings of the clock. A histogram rounds up to three digits.
        assertThat(tally.latency.getIntervalHistogram().getMaxValue())
                .isBetween(3_000_000L - micros(arrived - before) - 1, 3_010_000L);
    }

    @Test
    void readerCountsLostDuplicatedAndReorderedMessages() {
        Inbox inbox = new Inbox(new Tally(0), 0, 1, "r");
        for (String[] each : new String[][] {{"AC", "2"}, {"AB", "1"}, {"AC", "2"}, {"AD", "3"}}) {
            take(inbox, message(each[0], Integer.parseInt(each[1]), 0));
        }
        assertThat(inbox.doubled()).isEqualTo(1);
        assertThat(inbox.outOfOrder()).isEqualTo(1);
        assertThat(inbox.missing(bits(0, 1, 2, 3, 4))).isEqualTo(2);
    }

    @Test
    void messagesAreFoundHoweverTheInputIsSplit() {
        String text = "[" + message("AA", 0, 7) + "," + message("AB", 1, 8) + ",{\"type\":\"join\",\"id\":\"" + ID
                + "AC\",\"room\":\"r\",\"nick\":\"\\\"body\\\":\\\"\"}," + message("AD", 2, 9) + "]";
        for (int size = 1; size <= text.length(); size++) {
            Inbox inbox = new Inbox(new Tally(0), 0, 1, "r");
            for (int from = 0; from < text.length(); from += size) {
                ByteBuf part = ascii(text.substring(from, Math.min(text.length(), from + size)));
                inbox.takePart(part, part.readableBytes());
            }
            assertThat(inbox.missing(bits(0, 1, 2))).as("parts of %d", size).isZero();
            assertThat(inbox.outOfOrder() + inbox.doubled()).isZero();
        }
    }

    @Test
    void bodyContainsItsNumberAndDueTime() {
        List<Long> times = new ArrayList<>(List.of(0L, -1L, Long.MAX_VALUE, System.nanoTime()));
        for (long time : times) {
            ByteBuf body = Unpooled.buffer();
            Body.write(body, 0x1234abcd, time, 40);
            assertThat(body.readableBytes()).isEqualTo(40);
            assertThat(Body.number(body, 0)).isEqualTo(0x1234abcd);
            assertThat(Body.due(body, 0)).isEqualTo(time);
        }
    }

    private static void take(Inbox inbox, String message) {
        ByteBuf bytes = ascii(message);
        inbox.takeWhole(bytes, 0, bytes.readableBytes());
    }

    private static String message(String idEnd, int number, long due) {
        ByteBuf body = Unpooled.buffer();
        Body.write(body, number, due, 30);
        return "{\"type\":\"message\",\"id\":\"" + ID + idEnd + "\",\"room\":\"r\",\"body\":\""
                + body.toString(StandardCharsets.US_ASCII) + "\",\"created_at\":\"2026-11-21T19:30:00.123Z\"}";
    }

    private static long micros(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos);
    }

    private static ByteBuf ascii(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static BitSet bits(int... numbers) {
        BitSet bits = new BitSet();
        for (int number : numbers) {
            bits.set(number);
        }
        return bits;
    }
}
