package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Tests of the events of a service and of its state. No timer runs, because a regular task that is running would append
 * a draft on the timer's thread.
 */
final class ChatListenerTest {
    private static final RoomSet LOBBY = RoomSet.of(Room.LOBBY);

    private final Recorder recorder = new Recorder();
    private final ScriptedStore store = ScriptedStore.direct();

    @Test
    void publishesAndBatchesAreReportedBeforeTheirFuturesComplete() {
        try (ChatService chat = new ManualTimer().start(store, recorder.config())) {
            chat.publish(draft("hello", "k")).join();
            assertThat(recorder.events).containsExactly("appended 1", "published true");
            recorder.events.clear();
            chat.publish(draft("hello", "k")).join();
            assertThat(recorder.events).containsExactly("appended 1", "published false");
            recorder.events.clear();
            assertThat(chat.publish(draft("other", "k"))).isCompletedExceptionally();
            assertThat(recorder.events).containsExactly("appended 1", "failed KEY_CONFLICT");
        }
    }

    @Test
    void eachReaderOfASharedReadHasItsOwnGap() {
        MessageId first = store.log().appendForeign(Room.LOBBY, "one");
        store.log().trim(Room.LOBBY, store.log().appendForeign(Room.LOBBY, "two"));
        try (ChatService chat = new ManualTimer().start(store, recorder.config());
                Feed feed = chat.feed(LOBBY, Runnable::run, () -> {})) {
            chat.locate(LOBBY, Start.after(first)).join();
            assertThat(recorder.events).containsExactly("gap TRIMMED");
            feed.load(first, Limit.PAGE).join();
            assertThat(recorder.events).containsExactly("gap TRIMMED", "page 0", "gap TRIMMED");
        }
    }

    @Test
    void aPageIsReportedOnceForAllReadersThatShareIt() {
        MessageId start = store.log().lastId();
        store.log().appendForeign(Room.LOBBY, "one");
        try (ChatService chat = new ManualTimer().start(store, recorder.config());
                Feed feed = chat.feed(LOBBY, Runnable::run, () -> {})) {
            feed.load(start, Limit.PAGE).join();
            feed.load(start, Limit.PAGE).join();
            assertThat(recorder.events).containsExactly("page 1");
        }
    }

    @Test
    void aParticipantTooManyIsALimit() {
        try (ChatService chat = new ManualTimer().start(store, recorder.config().withMaxParticipants(1))) {
            chat.presence().arrive(LOBBY, new Nick("ann"));
            assertThat(chat.stats().participants()).isEqualTo(1);
            recorder.events.clear();
            try {
                chat.presence().arrive(LOBBY, new Nick("bob"));
            } catch (ChatException e) {
                recorder.events.add("refused " + e.reason());
            }
            assertThat(recorder.events).containsExactly("limit PARTICIPANTS", "refused OVERLOADED");
        }
    }

    /** A listener with a lock of its own would wait forever for another thread that reads the state under this lock. */
    @Test
    void aLimitIsReportedWithoutALockOfTheService() {
        List<Boolean> locked = new ArrayList<>();
        AtomicReference<ChatService> service = new AtomicReference<>();
        ChatListener listener = new ChatListener() {
            @Override
            public void limitReached(Bound bound) {
                locked.add(Thread.holdsLock(service.get().presence()));
            }
        };
        ChatConfig config = ChatConfig.defaults().withListener(listener).withMaxParticipants(1);
        try (ChatService chat = new ManualTimer().start(store, config)) {
            service.set(chat);
            Presence.Attendance ann = chat.presence().arrive(LOBBY, new Nick("ann"));
            assertThatExceptionOfType(ChatException.class)
                    .isThrownBy(() -> chat.presence().arrive(LOBBY, new Nick("bob")));
            assertThatExceptionOfType(ChatException.class).isThrownBy(() -> ann.enter(new Room("other")));
        }
        assertThat(locked).containsExactly(false, false);
    }

    @Test
    void aListenerThatFailsChangesNothing() {
        ChatListener failing = new ChatListener() {
            @Override
            public void appended(int drafts, long nanos) {
                throw new IllegalStateException("scripted");
            }

            @Override
            public void published(boolean isNew, long nanos) {
                throw new IllegalStateException("scripted");
            }
        };
        try (ChatService chat =
                new ManualTimer().start(store, ChatConfig.defaults().withListener(failing))) {
            assertThat(chat.publish(draft("hello", null)).join().isNew()).isTrue();
            assertThat(chat.publish(draft("again", null)).join().isNew()).isTrue();
        }
    }

    @Test
    void theStateShowsTheEntriesInMemoryAndThoseThatLeftIt() {
        try (ChatService chat =
                new ManualTimer().start(store, ChatConfig.defaults().withTailBytes(1))) {
            chat.publish(draft("one", null)).join();
            chat.publish(draft("two", null)).join();
            ChatStats stats = chat.stats();
            assertThat(stats.tailEntries()).isEqualTo(1);
            assertThat(stats.tailBytes()).isPositive();
            assertThat(stats.evictedBySize()).isEqualTo(1);
            assertThat(stats.evictedByAge()).isZero();
            assertThat(stats.queued()).isZero();
        }
    }

    @Test
    void onlyASharedLogHasALeaseAndALag() {
        try (ChatService alone = new ManualTimer().start(store, ChatConfig.defaults());
                ChatService shared =
                        new ChatService(ScriptedStore.directOn(new ScriptedLog()), ChatConfig.defaults())) {
            assertThat(alone.stats().leaseAge()).isNull();
            assertThat(alone.stats().tailLag()).isNull();
            assertThat(alone.stats().outbox()).isNull();
            assertThat(shared.stats().leaseAge()).isLessThan(Duration.ofMinutes(1));
            assertThat(shared.stats().tailLag()).isLessThan(Duration.ofMinutes(1));
        }
    }

    private static Draft draft(String body, String key) {
        return Draft.of(Room.LOBBY, null, body, key);
    }

    private static final class Recorder implements ChatListener {
        final List<String> events = Collections.synchronizedList(new ArrayList<>());

        ChatConfig config() {
            return ChatConfig.defaults().withListener(this);
        }

        @Override
        public void published(boolean isNew, long nanos) {
            events.add("published " + isNew);
        }

        @Override
        public void publishFailed(Reason reason, long nanos) {
            events.add("failed " + reason);
        }

        @Override
        public void appended(int drafts, long nanos) {
            events.add("appended " + drafts);
        }

        @Override
        public void pageRead(int messages, long nanos) {
            events.add("page " + messages);
        }

        @Override
        public void gap(Gap.Cause cause) {
            events.add("gap " + cause);
        }

        @Override
        public void limitReached(Bound bound) {
            events.add("limit " + bound);
        }
    }
}
