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

/** What depends on what, and what others may see. */
class ArchitectureTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.confab.core");

    /** Who runs a node; stores, values and the tail below know nothing of it. */
    private static final String RUNNING =
            "dev.confab.core.(ChatService|Sequencer|LogFollower|Reads|Subscription|Presence|NodeLease|Housekeeping|Threads)";

    @Test
    void theCoreKnowsNoFramework() {
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
    void whatIsPublicIsADecision() {
        assertThat(CORE.stream()
                        .filter(c -> c.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(JavaClass::isTopLevelClass)
                        .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        // A node.
                        "ChatService",
                        "ChatConfig",
                        "Presence",
                        "Attendance",
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
                        "Room",
                        "RoomSet",
                        "Nick",
                        "Participant",
                        "Draft",
                        "Message",
                        "Entry",
                        "Published",
                        // Stores.
                        "MessageStore",
                        "InMemoryMessageStore",
                        "AppendPlan",
                        "Retention",
                        // What goes wrong.
                        "ChatException",
                        "StoreException",
                        "Reason",
                        "Health");
    }

    @Test
    void theSeamKnowsNothingOfItsUsers() {
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
    void valuesAndTheTailKnowNothingOfWhatRuns() {
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
    void aSubscriptionDoesNotKnowTheService() {
        noClasses()
                .that()
                .haveNameMatching("dev.confab.core.(Subscription|Feed|Reads|LogFollower|Sequencer)(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ChatService.class)
                .check(CORE);
    }

    @Test
    void timeComesInThroughItsSeam() {
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
