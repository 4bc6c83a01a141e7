package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EmptyRoomsTest {
    private static final MessageId ORIGIN = new MessageId(1, 0);
    private static final Room A = new Room("a");
    private static final Room B = new Room("b");
    private static final Room C = new Room("c");

    private final EmptyRooms rooms = new EmptyRooms(ORIGIN, 2);

    @Test
    void marksAreExactUpToTheCapacity() {
        rooms.add(A, new MessageId(10, 0));
        rooms.add(B, new MessageId(20, 0));
        assertThat(rooms.trimmedThrough(A)).isEqualTo(new MessageId(10, 0));
        assertThat(rooms.trimmedThrough(B)).isEqualTo(new MessageId(20, 0));
        assertThat(rooms.trimmedThrough(C)).isEqualTo(ORIGIN);
    }

    @Test
    void roomsOverTheCapacityShareTheOldestMarksWithoutLoweringAny() {
        rooms.add(A, new MessageId(30, 0));
        rooms.add(B, new MessageId(20, 0));
        rooms.add(C, new MessageId(10, 0));
        assertThat(rooms.trimmedThrough(A)).isEqualTo(new MessageId(30, 0));
        assertThat(rooms.trimmedThrough(B)).isEqualTo(new MessageId(20, 0));
        assertThat(rooms.trimmedThrough(new Room("d"))).isEqualTo(new MessageId(30, 0));
        rooms.add(new Room("d"), new MessageId(40, 0));
        assertThat(rooms.trimmedThrough(B)).as("20 is below what others share").isEqualTo(new MessageId(30, 0));
    }

    @Test
    void aRoomThatIsUsedAgainKeepsItsMark() {
        rooms.add(A, new MessageId(10, 0));
        assertThat(rooms.remove(A)).isEqualTo(new MessageId(10, 0));
        rooms.add(B, new MessageId(20, 0));
        rooms.add(C, new MessageId(30, 0));
        rooms.add(A, new MessageId(40, 0));
        assertThat(rooms.trimmedThrough(A)).isEqualTo(new MessageId(40, 0));
        assertThat(rooms.remove(B)).isEqualTo(new MessageId(20, 0));
        assertThat(rooms.remove(new Room("new"))).isEqualTo(new MessageId(20, 0));
    }
}
