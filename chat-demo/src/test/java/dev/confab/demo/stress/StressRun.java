package dev.confab.demo.stress;

import static org.junit.platform.engine.discovery.ClassNameFilter.excludeClassNamePatterns;
import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * A JVM that repeats test classes in random order until the time is up. Each class first runs once. After that, each
 * next class is chosen at random among the classes that have used no more time than the average. A quick class
 * therefore runs hundreds of times, and a slow class a few times.
 */
final class StressRun {
    private final Launcher launcher = LauncherFactory.create();
    private final Tally tally = new Tally(System.out);
    private final Map<Class<?>, Duration> used = new LinkedHashMap<>();
    private final Random random;

    private StressRun(long seed) {
        random = new Random(seed);
    }

    /** @param args minutes, a pattern of class names to include, another to exclude, the file for the result */
    public static void main(String[] args) throws Exception {
        long seed = Long.getLong("stress.seed", System.nanoTime());
        System.out.println("stress.seed: " + seed);
        StressRun run = new StressRun(seed);
        run.repeat(
                args[1], args[2], Instant.now().plus(Duration.ofSeconds(Math.round(Double.parseDouble(args[0]) * 60))));
        run.tally.write(Path.of(args[3]));
        // Ends this JVM even if a test has left a thread behind.
        System.exit(run.tally.hasFailures() ? 1 : 0);
    }

    private void repeat(String included, String excluded, Instant deadline) {
        List<Class<?>> classes = new ArrayList<>(classes(included, excluded));
        Collections.shuffle(classes, random);
        for (Class<?> next : classes) {
            if (!Instant.now().isBefore(deadline)) {
                return;
            }
            run(next);
        }
        while (!used.isEmpty() && Instant.now().isBefore(deadline)) {
            run(next());
        }
    }

    private Class<?> next() {
        double average =
                used.values().stream().mapToLong(Duration::toNanos).average().orElseThrow();
        List<Class<?>> behind = used.entrySet().stream()
                .filter(entry -> entry.getValue().toNanos() <= average)
                .<Class<?>>map(Map.Entry::getKey)
                .toList();
        return behind.get(random.nextInt(behind.size()));
    }

    private void run(Class<?> test) {
        System.out.println(Instant.now() + " " + test.getName());
        long started = System.nanoTime();
        launcher.execute(request().selectors(selectClass(test)).build(), tally);
        used.merge(test, Duration.ofNanos(System.nanoTime() - started), Duration::plus);
    }

    private LauncherDiscoveryRequestBuilder request() {
        return LauncherDiscoveryRequestBuilder.request()
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                .configurationParameter("junit.jupiter.execution.timeout.default", "2 m")
                .configurationParameter("junit.jupiter.execution.timeout.threaddump.enabled", "true")
                .configurationParameter(
                        "junit.jupiter.testmethod.order.default", "org.junit.jupiter.api.MethodOrderer$Random")
                .configurationParameter("junit.jupiter.execution.order.random.seed", Long.toString(random.nextLong()));
    }

    private Set<Class<?>> classes(String included, String excluded) {
        Set<Path> roots = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.endsWith("test-classes") && Files.isDirectory(path))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        LauncherDiscoveryRequest all = request()
                .selectors(selectClasspathRoots(roots))
                .filters(includeClassNamePatterns(included), excludeClassNamePatterns(excluded))
                .build();
        return launcher.discover(all).getRoots().stream()
                .flatMap(root -> launcher.discover(all).getDescendants(root).stream())
                .map(TestIdentifier::getSource)
                .flatMap(source -> source.stream())
                .filter(ClassSource.class::isInstance)
                .map(source -> ((ClassSource) source).getJavaClass())
                .filter(type -> type.getEnclosingClass() == null)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
