package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class IntrusiveListTest {
    private static final class Element extends IntrusiveList.Node<Element> {}

    /** A list of the JDK is the model. */
    @Test
    void theElementsAreThoseThatWereAddedAndNotRemovedNewestFirst() {
        IntrusiveList<Element> list = new IntrusiveList<>();
        List<Element> model = new ArrayList<>();
        List<Element> removed = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            if (random.nextInt(5) < 2 || model.isEmpty()) {
                Element element = new Element();
                list.add(element);
                model.add(0, element);
            } else {
                Element element = model.remove(random.nextInt(model.size()));
                list.remove(element);
                removed.add(element);
            }
            if (!removed.isEmpty()) {
                list.remove(removed.get(random.nextInt(removed.size())));
            }
            assertThat(elements(list)).containsExactlyElementsOf(model);
            assertThat(list.size()).isEqualTo(model.size());
            assertThat(list.isEmpty()).isEqualTo(model.isEmpty());
        }
    }

    @Test
    void anElementIsRemovedFromItsOwnListOnly() {
        IntrusiveList<Element> list = new IntrusiveList<>();
        IntrusiveList<Element> other = new IntrusiveList<>();
        Element element = new Element();
        list.add(element);
        other.add(new Element());
        other.remove(element);
        assertThat(list.size()).isEqualTo(1);
        assertThat(other.size()).isEqualTo(1);
    }

    @Test
    void aRemovedElementCanBeAddedAgain() {
        IntrusiveList<Element> list = new IntrusiveList<>();
        Element element = new Element();
        Element newer = new Element();
        list.add(element);
        list.add(newer);
        list.remove(element);
        list.add(element);
        assertThat(elements(list)).containsExactly(element, newer);
    }

    private static List<Element> elements(IntrusiveList<Element> list) {
        List<Element> elements = new ArrayList<>();
        list.forEach(elements::add);
        List<Element> followed = new ArrayList<>();
        for (@Nullable Element next = list.first(); next != null; next = next.after()) {
            followed.add(next);
        }
        assertThat(followed).isEqualTo(elements);
        return elements;
    }
}
