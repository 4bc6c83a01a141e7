package dev.confab.micrometer;

import dev.confab.core.ChatListener;
import dev.confab.core.ChatService;
import dev.confab.core.ChatStats;
import dev.confab.core.Gap;
import dev.confab.core.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Measures a {@link ChatService}; docs/metrics.md lists the meters. Every meter exists from the start, so that a
 * counter has the value 0, and is not missing, until its event happens. Thread-safe. Never blocks.
 *
 * <pre>{@code
 * var metrics = new ChatMetrics(registry);
 * var chat = new ChatService(store, ChatConfig.defaults().withListener(metrics));
 * metrics.bindTo(chat);
 * }</pre>
 */
public final class ChatMetrics implements ChatListener {
    /** The reasons for which a valid draft is not published. */
    private static final List<Reason> FAILURES = List.of(
            Reason.KEY_CONFLICT,
            Reason.REFUSED,
            Reason.DRAINING,
            Reason.OVERLOADED,
            Reason.UNAVAILABLE,
            Reason.OUTCOME_UNKNOWN,
            Reason.INTERNAL);

    private final MeterRegistry registry;
    private final Tags tags;
    private final Meters meters;
    private final Timer stored;
    private final Timer known;
    private final Map<Reason, Timer> failed = new ConcurrentHashMap<>();
    private final Timer commit;
    private final DistributionSummary batch;
    private final Timer pageRead;
    private final Map<Gap.Cause, Counter> gaps;
    private final Map<Bound, Counter> limits;

    /** @param registry is not closed by this object */
    public ChatMetrics(MeterRegistry registry) {
        this(registry, Tags.empty());
    }

    /** @param tags are added to all meters, so that several services can share a registry */
    public ChatMetrics(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
        this.meters = new Meters(registry, tags);
        this.stored = publish("stored");
        this.known = publish("known");
        FAILURES.forEach(reason -> failed.put(reason, publish(reason.code())));
        this.commit = meters.histogram(
                "confab.commit", "Appends: the wait for the append lock, the commit and the sync", Tags.empty());
        this.batch = DistributionSummary.builder("confab.commit.batch")
                .description("The drafts of an append")
                .baseUnit("drafts")
                .tags(tags)
                .register(registry);
        this.pageRead = meters.histogram(
                "confab.catchup.read", "Reads of pages for readers behind the entries in memory", Tags.empty());
        this.gaps = meters.counters("confab.gaps", "Gaps that readers got", "reason", Gap.Cause.class);
        this.limits = meters.limits(Bound.class);
    }

    private Timer publish(String outcome) {
        return meters.histogram(
                "confab.publish", "Publishes, from the call to the outcome", Tags.of("outcome", outcome));
    }

    /**
     * Registers the gauges of a service, which has this object as its listener. Called once. The registry does not keep
     * the service from being collected as garbage.
     */
    public void bindTo(ChatService chat) {
        gauge(chat, "confab.queue", "Drafts that wait for the store or are being appended", "drafts", s -> s.queued());
        gauge(chat, "confab.queue.size", "The size of the drafts in the queue", "bytes", s -> s.queuedBytes());
        gauge(chat, "confab.tail", "Entries in memory", "entries", s -> s.tailEntries());
        gauge(chat, "confab.tail.size", "The size of the entries in memory", "bytes", s -> s.tailBytes());
        gauge(chat, "confab.presence", "Participants on this node", "participants", s -> s.participants());
        gauge(chat, "confab.outbox", "Committed rows of the outbox that are not published", "rows", s -> rows(s));
        age(chat, "confab.outbox.age", "The longest time that a row of the outbox can have waited", s -> age(s));
        age(chat, "confab.tail.lag", "The time since this node last had every entry", ChatStats::tailLag);
        age(chat, "confab.lease.age", "The time since the node's lease was renewed", ChatStats::leaseAge);
        evictions(chat, "size", ChatStats::evictedBySize);
        evictions(chat, "age", ChatStats::evictedByAge);
    }

    private static double rows(ChatStats stats) {
        ChatStats.Outbox outbox = stats.outbox();
        return outbox == null ? Double.NaN : outbox.rows();
    }

    private static @Nullable Duration age(ChatStats stats) {
        ChatStats.Outbox outbox = stats.outbox();
        return outbox == null ? null : outbox.age();
    }

    private void gauge(
            ChatService chat, String name, String description, String unit, ToDoubleFunction<ChatStats> value) {
        Gauge.builder(name, chat, service -> value.applyAsDouble(service.stats()))
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .register(registry);
    }

    /** @param value returns null when the age does not exist or is not known */
    private void age(ChatService chat, String name, String description, Function<ChatStats, @Nullable Duration> value) {
        TimeGauge.builder(name, chat, TimeUnit.NANOSECONDS, service -> nanos(value.apply(service.stats())))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private static double nanos(@Nullable Duration age) {
        return age == null ? Double.NaN : age.toNanos();
    }

    private void evictions(ChatService chat, String reason, ToDoubleFunction<ChatStats> value) {
        FunctionCounter.builder("confab.tail.evictions", chat, service -> value.applyAsDouble(service.stats()))
                .description("Entries that left the memory")
                .tags(tags.and("reason", reason))
                .register(registry);
    }

    @Override
    public void published(boolean isNew, long nanos) {
        (isNew ? stored : known).record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void publishFailed(Reason reason, long nanos) {
        failed.computeIfAbsent(reason, other -> publish(other.code())).record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void appended(int drafts, long nanos) {
        commit.record(nanos, TimeUnit.NANOSECONDS);
        batch.record(drafts);
    }

    @Override
    public void pageRead(int messages, long nanos) {
        pageRead.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void gap(Gap.Cause cause) {
        Meters.increment(gaps, cause);
    }

    @Override
    public void limitReached(Bound bound) {
        Meters.increment(limits, bound);
    }
}
