package dev.confab.demo.bench;

import dev.confab.demo.Main;
import dev.confab.demo.Transport;
import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * What a delivery costs a server in a process of its own, by its own counters: bytes that all its threads allocate, and processor
 * time; and what an entry costs that a reader catches up on, compared with a live one.
 *
 * <p>Live: 1,000 readers, messages of 100 bytes, one at a time, after a warm-up. Catch-up: as many readers come back, each 100 messages
 * behind; what it costs when they come back and are not behind is taken off. Rounds of both alternate, and the median counts.
 * Linux only. Arguments: transports (by default {@code websocket}, {@code sse} and {@code longpoll}). The exit status is 1 when an entry
 * of a catch-up over a stream costs more than {@link #BOUND} of a live one.
 */
public final class DeliveryCost {
    private static final int READERS = 1_000;
    private static final int PAYLOAD = 100;
    private static final double RATE = 20;
    private static final int WARM_UP = 15;
    private static final int SECONDS = 10;
    private static final int BEHIND = 100;
    private static final int ROUNDS = 40;
    /** The first ones are not like those after them. */
    private static final int IGNORED = 8;

    private static final double BOUND = 0.2;

    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9A-Z]{26})\"");

    private final ServerChild server;
    private final ThreadMXBean threads;
    private final Transport transport;
    private final List<String> rooms = Crowd.newRooms(1);

    private DeliveryCost(ServerChild server, ThreadMXBean threads, Transport transport) {
        this.server = server;
        this.threads = threads;
        this.transport = transport;
    }

    public static void main(String[] args) throws Exception {
        List<Transport> transports = args.length == 0
                ? List.of(Transport.WEBSOCKET, Transport.SSE, Transport.LONGPOLL)
                : Arrays.stream(args)
                        .map(name -> Transport.valueOf(name.toUpperCase(Locale.ROOT)))
                        .toList();
        boolean isFine = true;
        for (Transport transport : transports) {
            try (ServerChild server = ServerChild.start(Main.class, "memory", List.of("-Xmx1g"))) {
                server.address();
                VirtualMachine jvm = VirtualMachine.attach(String.valueOf(server.pid()));
                try (JMXConnector connector =
                        JMXConnectorFactory.connect(new JMXServiceURL(jvm.startLocalManagementAgent()))) {
                    ThreadMXBean threads = ManagementFactory.newPlatformMXBeanProxy(
                            connector.getMBeanServerConnection(),
                            ManagementFactory.THREAD_MXBEAN_NAME,
                            ThreadMXBean.class);
                    isFine &= new DeliveryCost(server, threads, transport).run();
                }
            }
        }
        System.exit(isFine ? 0 : 1);
    }

    private boolean run() throws Exception {
        double live = live();
        if (transport == Transport.LONGPOLL) {
            // Its catch-up is one answer, and the requests are what it costs.
            return true;
        }
        List<String> ids = newest(BEHIND + 1);
        List<Double> costs = new ArrayList<>();
        List<Double> whole = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            double atEnd = comeBack(ids.get(BEHIND), 0);
            double behind = comeBack(ids.get(0), BEHIND);
            if (i >= IGNORED) {
                costs.add((behind - atEnd) / READERS / BEHIND / 1_000);
                whole.add(behind / READERS / BEHIND / 1_000);
            }
        }
        costs.sort(null);
        whole.sort(null);
        double median = quantile(costs, 0.5);
        say(
                "catch-up: %.2f µs of processor time an entry (half of the rounds: %.2f to %.2f), %.2f of a live one"
                        + " (bound: %.1f); with coming back, %.2f µs",
                median, quantile(costs, 0.25), quantile(costs, 0.75), median / live, BOUND, quantile(whole, 0.5));
        return median <= BOUND * live;
    }

    private static double quantile(List<Double> sorted, double share) {
        return sorted.get((int) (share * (sorted.size() - 1)));
    }

    /** Microseconds of processor time for each delivery. */
    private double live() throws Exception {
        try (Loops loops = new Loops()) {
            Schedule schedule = new Schedule(RATE, WARM_UP, SECONDS);
            Crowd crowd = new Crowd(loops, List.of(server.address()), rooms, schedule.first());
            crowd.open(transport, READERS, null);
            Publisher publisher = crowd.publisher(schedule, PAYLOAD, 1);
            long start = System.nanoTime();
            publisher.startAt(start);
            Thread publishing = new Thread(publisher::run, "publisher");
            publishing.start();
            TimeUnit.NANOSECONDS.sleep(start + schedule.measuredFrom() - System.nanoTime());
            long deliveries = crowd.sum(Tally::deliveries);
            long cpu = cpu();
            long allocated = allocated();
            publishing.join();
            await(crowd, publisher.expected());
            double measured = crowd.sum(Tally::deliveries) - deliveries;
            double micros = (cpu() - cpu) / measured / 1_000;
            say(
                    "live: %.1f bytes allocated and %.2f µs of processor time a delivery, %,.0f deliveries",
                    (allocated() - allocated) / measured, micros, measured);
            return micros;
        }
    }

    /** Nanoseconds of processor time until all readers have what they are behind. */
    private long comeBack(String after, int behind) throws Exception {
        int files = server.openFiles();
        long cpu = cpu();
        long took;
        try (Loops loops = new Loops()) {
            Crowd crowd = new Crowd(loops, List.of(server.address()), rooms, 0);
            crowd.open(transport, READERS, after);
            await(crowd, (long) behind * READERS);
            took = cpu() - cpu;
        }
        for (int i = 0; server.openFiles() > files && i < 1_000; i++) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return took;
    }

    private static void await(Crowd crowd, long deliveries) throws InterruptedException {
        for (int i = 0; crowd.sum(Tally::deliveries) < deliveries; i++) {
            if (i > 30_000) {
                throw new BenchException("not all was delivered");
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private List<String> newest(int count) throws IOException, InterruptedException {
        URI uri = URI.create(server.address() + "/messages?before=latest&limit=" + count + "&room=" + rooms.get(0));
        try (InputStream in = uri.toURL().openStream()) {
            List<String> ids = new ArrayList<>();
            Matcher id = ID.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            while (id.find()) {
                ids.add(id.group(1));
            }
            return ids;
        }
    }

    /** Bytes since the start, of threads that are not there for our asking. */
    private long allocated() {
        long[] ids = Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && !thread.getThreadName().matches("(RMI|JMX|Attach).*"))
                .mapToLong(ThreadInfo::getThreadId)
                .toArray();
        return Arrays.stream(threads.getThreadAllocatedBytes(ids)).sum();
    }

    /** Nanoseconds of all threads; what the system gives for the process is in hundredths of a second. */
    private long cpu() throws IOException {
        long nanos = 0;
        try (Stream<Path> tasks = Files.list(Path.of("/proc", String.valueOf(server.pid()), "task"))) {
            for (Path task : tasks.toList()) {
                nanos += Long.parseLong(
                        Files.readString(task.resolve("schedstat")).split(" ")[0]);
            }
        }
        return nanos;
    }

    private void say(String format, Object... arguments) {
        System.out.printf(Locale.ROOT, "%-10s " + format + "%n", prepend(transport.label(), arguments));
    }

    private static Object[] prepend(Object first, Object[] others) {
        return Stream.concat(Stream.of(first), Arrays.stream(others)).toArray();
    }
}
