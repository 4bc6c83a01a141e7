package dev.confab.jdbi;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The rules that the module system cannot state. */
class ArchitectureTest {
    private static final JavaClasses JDBI = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.confab.jdbi");

    /** The drivers are the application's, and may be missing: what PostgreSQL needs never loads a class of H2. */
    @Test
    void onlyTheRecoveryOfAFileKnowsH2() {
        noClasses()
                .that()
                .doNotHaveSimpleName("H2File")
                .and()
                .doNotHaveSimpleName("H2Reopening")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.h2..")
                .check(JDBI);
        noClasses()
                .that()
                .doNotHaveSimpleName("H2Dialect")
                .and()
                .doNotHaveSimpleName("H2Reopening")
                .should()
                .dependOnClassesThat()
                .haveSimpleName("H2File")
                .check(JDBI);
        noClasses()
                .that()
                .doNotHaveSimpleName("H2Dialect")
                .and()
                .doNotHaveSimpleName("H2Reopening")
                .should()
                .dependOnClassesThat()
                .haveSimpleName("H2Reopening")
                .check(JDBI);
    }

    @Test
    void whatIsPublicIsADecision() {
        assertThat(JDBI.stream()
                        .filter(c -> c.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(JavaClass::isTopLevelClass)
                        .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        "JdbiMessageStore",
                        "JdbiStoreConfig",
                        "Durability",
                        "H2File",
                        "Notifier",
                        "NotificationSource",
                        "Outbox");
    }

    @Test
    void timeComesInThroughItsSeam() {
        // The clock of a database in this process is the process's own.
        noClasses()
                .that()
                .doNotHaveSimpleName("H2Dialect")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .check(JDBI);
    }

    @Test
    void nothingIsPrinted() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(JDBI);
    }
}
