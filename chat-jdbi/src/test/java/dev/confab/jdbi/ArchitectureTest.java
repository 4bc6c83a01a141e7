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

/** Checks the rules that the module system cannot express. */
class ArchitectureTest {
    private static final JavaClasses JDBI = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.confab.jdbi");

    /**
     * The application provides the drivers, and the driver of H2 may be missing: the code for PostgreSQL must never
     * load a class of H2.
     */
    @Test
    void onlyTheWorkOnAFileDependsOnH2() {
        noClasses()
                .that()
                .doNotHaveSimpleName("H2File")
                .and()
                .doNotHaveSimpleName("H2Reopening")
                .and()
                .doNotHaveSimpleName("H2Space")
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
                .orShould()
                .dependOnClassesThat()
                .haveSimpleName("H2Space")
                .check(JDBI);
    }

    @Test
    void everyPublicTypeIsListed() {
        assertThat(JDBI.stream()
                        .filter(c -> c.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(JavaClass::isTopLevelClass)
                        .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        "JdbiMessageStore",
                        "JdbiStoreConfig",
                        "Durability",
                        "SchemaMode",
                        "H2File",
                        "Notifier",
                        "NotificationSource",
                        "Outbox");
    }

    @Test
    void theTimeIsReadThroughItsInterface() {
        // H2 runs in this process, so the clock of the database is the clock of the process.
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
