package dev.confab.demo;

import dev.confab.netty.ChatServer;
import dev.confab.netty.PlantedFailure;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.lang.reflect.Field;
import java.time.Duration;

/** A server process in which an event loop fails soon after the start. */
final class FailingNode {
    private FailingNode() {}

    public static void main(String[] options) throws Exception {
        Node node = Node.start(NodeConfig.inMemory());
        ProcessEnd.of(node, Duration.ZERO);
        System.out.println("Listening on http://127.0.0.1:" + node.port());
        PlantedFailure.in(loop(node));
    }

    private static EventLoop loop(Node node) throws ReflectiveOperationException {
        Object loops = field(field(node, Node.class, "server"), ChatServer.class, "loops");
        return ((EventLoopGroup) field(loops, loops.getClass(), "workers")).next();
    }

    private static Object field(Object owner, Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }
}
