package jarrah.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What Maven cannot see of the house: layers inside a room, and what only the composition root may do. */
class HouseTest {
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("jarrah");

    @Test
    void theHouseIsThere() {
        // A rule about classes that were not found would pass in silence.
        for (String room : new String[] {"http", "storage", "aws", "iam", "s3", "accelerator", "cli", "server"}) {
            assertThat(HOUSE.stream().filter(type -> type.getPackageName().startsWith("jarrah." + room)))
                    .as(room)
                    .hasSizeGreaterThan(5);
        }
    }

    @Test
    void wireStandsAboveStore() {
        noClasses()
                .that()
                .resideInAPackage("jarrah.s3.store..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jarrah.s3", "jarrah.s3.wire..", "jarrah.http..", "jarrah.iam..")
                .check(HOUSE);
    }

    @Test
    void roomsHaveNoCycles() {
        slices().matching("jarrah.(*)..").should().beFreeOfCycles().check(HOUSE);
    }

    @Test
    void nothingReadsTheClockButWhatItIsHanded() {
        noClasses()
                .that()
                .resideOutsideOfPackages("jarrah.server..", "jarrah.bench..", "jarrah.http..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(Clock.class, "systemDefaultZone")
                .check(HOUSE);
    }

    @Test
    void nettyStaysBehindTheFacade() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage("jarrah.http..")
                .and()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .should(new ArchCondition<JavaMethod>("not show Netty's types") {
                    @Override
                    public void check(JavaMethod method, ConditionEvents events) {
                        boolean shows =
                                method.getRawReturnType().getPackageName().startsWith("io.netty")
                                        || method.getRawParameterTypes().stream()
                                                .anyMatch(type ->
                                                        type.getPackageName().startsWith("io.netty"));
                        if (shows && isVisible(method.getOwner())) {
                            events.add(SimpleConditionEvent.violated(method, method.getFullName()));
                        }
                    }
                })
                .check(HOUSE);
        noClasses()
                .that()
                .resideOutsideOfPackage("jarrah.http..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(HOUSE);
    }

    private static boolean isVisible(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(HouseTest::isVisible).orElse(true);
    }

    @Test
    void noRoomIsCalledUtil() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..common..", "..base..", "..impl..", "..helper..")
                .check(HOUSE);
    }
}
