package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdRingTest {
    @Test
    void behavesLikeAListSearchableById() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            IdRing<MessageId> ring = new IdRing<>(id -> id);
            List<MessageId> model = new ArrayList<>();
            int next = 500;
            int lowest = 500;
            for (int step = 0; step < 300; step++) {
                if (random.nextInt(5) < (step / 100 == 1 ? 1 : 3)) {
                    next += 1 + random.nextInt(3);
                    ring.add(TailTest.id(next));
                    model.add(TailTest.id(next));
                } else if (random.nextInt(4) == 0) {
                    lowest -= 1;
                    ring.addFirst(TailTest.id(lowest));
                    model.add(0, TailTest.id(lowest));
                } else if (!model.isEmpty()) {
                    assertThat(ring.removeFirst()).isEqualTo(model.remove(0));
                }
                MessageId wanted = TailTest.id(lowest - 2 + random.nextInt(next + 5 - lowest));
                long below = model.stream().filter(id -> !id.isAfter(wanted)).count();
                assertThat(ring.firstAfter(wanted)).as("seed %s", seed).isEqualTo((int) below);
                assertThat(ring.contains(wanted)).isEqualTo(model.contains(wanted));
                assertThat(ring.size()).isEqualTo(model.size());
            }
            assertThat(ring.toList()).isEqualTo(model);
        }
    }

    @Test
    void orderIsUnsigned() {
        IdRing<MessageId> ring = new IdRing<>(id -> id);
        ring.add(new MessageId(Long.MAX_VALUE, 0));
        ring.add(new MessageId(Long.MIN_VALUE, Long.MAX_VALUE));
        ring.add(new MessageId(Long.MIN_VALUE, Long.MIN_VALUE));
        assertThat(ring.firstAfter(new MessageId(Long.MAX_VALUE, 0))).isEqualTo(1);
        assertThat(ring.firstAfter(new MessageId(Long.MIN_VALUE, Long.MAX_VALUE)))
                .isEqualTo(2);
        assertThat(ring.firstAfter(MessageId.MAX)).isEqualTo(3);
    }

    @Test
    void getRejectsAnIndexOutsideTheSize() {
        IdRing<MessageId> ring = new IdRing<>(id -> id);
        ring.add(MessageId.MIN);
        assertThat(catchThrowable(() -> ring.get(1))).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(catchThrowable(() -> ring.get(-1))).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
