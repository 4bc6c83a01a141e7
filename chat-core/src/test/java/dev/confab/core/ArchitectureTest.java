package dev.confab.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Checks the dependencies between the classes of the core, and lists its public classes. */
class ArchitectureTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.confab.core");

    /** The classes that run a node. Stores, values and the tail must not depend on them. */
    private static final String RUNNING =
            "dev.confab.core.(ChatService|Sequencer|LogFollower|Reads|Subscription|Presence|NodeLease|Housekeeping|Threads)";

    @Test
    void theCoreDependsOnNoFramework() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "dev.confab.core..",
                        "com.github.f4b6a3.ulid..",
                        "tools.jackson.core..",
                        "org.jspecify.annotations..",
                        "org.slf4j..")
                .check(CORE);
    }

    @Test
    void thePublicClassesAreListed() {
        assertThat(CORE.stream()
                        .filter(c -> c.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(JavaClass::isTopLevelClass)
                        .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        // A node.
                        "ChatService",
                        "ChatConfig",
                        "ChatListener",
                        "ChatStats",
                        "Presence",
                        // Reading.
                        "Subscriber",
                        "Subscription",
                        "Feed",
                        "Start",
                        "Position",
                        "Delivery",
                        "Batch",
                        "Gap",
                        "Limit",
                        // Values.
                        "MessageId",
                        "IdFormat",
                        "Room",
                        "RoomSet",
                        "Nick",
                        "Participant",
                        "Draft",
                        "Message",
                        "Entry",
                        "Published",
                        "Signal",
                        // Stores.
                        "MessageStore",
                        "InMemoryMessageStore",
                        "AppendPlan",
                        "Retention",
                        // Failures.
                        "ChatException",
                        "StoreException",
                        "Reason",
                        "Health");
    }

    @Test
    void storesDoNotDependOnTheClassesThatRunANode() {
        noClasses()
                .that()
                .implement(MessageStore.class)
                .or()
                .areAssignableTo(MessageStore.class)
                .should()
                .dependOnClassesThat()
                .haveNameMatching(RUNNING)
                .check(CORE);
    }

    @Test
    void valuesAndTheTailDoNotDependOnTheClassesThatRunANode() {
        noClasses()
                .that()
                .areRecords()
                .and()
                .doNotHaveSimpleName("Threads")
                .or()
                .haveSimpleName("MessageId")
                .or()
                .haveSimpleName("Tail")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(RUNNING)
                .check(CORE);
    }

    @Test
    void aSubscriptionDoesNotDependOnTheService() {
        noClasses()
                .that()
                .haveNameMatching("dev.confab.core.(Subscription|Feed|Reads|LogFollower|Sequencer)(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ChatService.class)
                .check(CORE);
    }

    @Test
    void theTimeComesOnlyFromAnInstantSource() {
        noClasses()
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .check(CORE);
    }

    @Test
    void nothingIsPrinted() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(CORE);
    }
}
