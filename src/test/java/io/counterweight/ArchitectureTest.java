package io.counterweight;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.counterweight.operator.Ordering;
import io.counterweight.operator.Unlabelled;
import io.counterweight.serde.EventFormat;
import java.util.Map;
import java.util.Set;

/** The layers, which one module does not keep apart by itself. */
@AnalyzeClasses(packages = "io.counterweight", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "io.counterweight.";

  private static final String[] CORE = {
    ROOT + "event..",
    ROOT + "model..",
    ROOT + "optim..",
    ROOT + "drift..",
    ROOT + "conformal..",
    ROOT + "meta..",
    ROOT + "sampling..",
    ROOT + "compute..",
    ROOT + "learner..",
    ROOT + "codec..",
    ROOT + "metric..",
    ROOT + "evaluation..",
    ROOT + "report.."
  };

  private static final DescribedPredicate<JavaClass> NUMERIC_LIBRARY =
      resideInAnyPackage("org.nd4j..", "org.bytedeco..", "jdk.incubator.vector..");

  @ArchTest
  static final ArchRule coreDependsOnlyOnItselfAndJava =
      classes()
          .that(resideInAnyPackage(CORE).and(not(resideInAPackage(ROOT + "compute.."))))
          .should()
          .onlyDependOnClassesThat(resideInAnyPackage(CORE).or(resideInAPackage("java..")))
          .because("the learner must run and be tested without Flink, Kafka or any other library");

  @ArchTest
  static final ArchRule computeMayAlsoUseNumericLibraries =
      classes()
          .that()
          .resideInAPackage(ROOT + "compute..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(CORE).or(resideInAPackage("java..")).or(NUMERIC_LIBRARY))
          .because(
              "what makes a backend fast stays below the one seam, so that it can be replaced");

  @ArchTest
  static final ArchRule nd4jStaysInItsBackend =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "compute.nd4j..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.nd4j..")
          .because("the engine runs without ND4J's libraries, which the job jar does not have");

  @ArchTest
  static final ArchRule nd4jsBackendLoadsWithoutNd4j =
      noClasses()
          .that()
          .haveSimpleName("Nd4jBackend")
          .or()
          .haveSimpleName("Nd4jLibrary")
          .or()
          .haveSimpleName("CudaSupport")
          .should()
          .dependOnClassesThat(resideInAnyPackage("org.nd4j..", "org.bytedeco.."))
          .because("they say what is missing where ND4J is absent or its library does not load");

  @ArchTest
  static final ArchRule flinkStaysInTheShell =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              ROOT + "serde..",
              ROOT + "operator..",
              ROOT + "job..",
              ROOT + "replay..",
              ROOT + "mubo..",
              ROOT + "cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.flink..")
          .because("Flink moves bytes, time and keys, and nothing else may depend on how it does");

  @ArchTest
  static final ArchRule serverStaysInTheConsole =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "console..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.jetty..")
          .because("the job runs without a server, which the job jar does not have");

  @ArchTest
  static final ArchRule layersDependInOneDirection =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .ensureAllClassesAreContainedInArchitecture()
          .layer("event")
          .definedBy(ROOT + "event..")
          .layer("model")
          .definedBy(ROOT + "model..")
          .layer("optim")
          .definedBy(ROOT + "optim..")
          .layer("drift")
          .definedBy(ROOT + "drift..")
          .layer("conformal")
          .definedBy(ROOT + "conformal..")
          .layer("meta")
          .definedBy(ROOT + "meta..")
          .layer("sampling")
          .definedBy(ROOT + "sampling..")
          .layer("compute")
          .definedBy(ROOT + "compute..")
          .layer("learner")
          .definedBy(ROOT + "learner..")
          .layer("codec")
          .definedBy(ROOT + "codec..")
          .layer("metric")
          .definedBy(ROOT + "metric..")
          .layer("evaluation")
          .definedBy(ROOT + "evaluation..")
          .layer("report")
          .definedBy(ROOT + "report..")
          .layer("avro") // generated from schemas/
          .definedBy(ROOT + "avro..")
          .layer("registry")
          .definedBy(ROOT + "registry..")
          .layer("serde")
          .definedBy(ROOT + "serde..")
          .layer("operator")
          .definedBy(ROOT + "operator..")
          .layer("config")
          .definedBy(ROOT + "config..")
          .layer("job")
          .definedBy(ROOT + "job..")
          .layer("embedded")
          .definedBy(ROOT + "embedded..")
          .layer("bench")
          .definedBy(ROOT + "bench..")
          .layer("replay")
          .definedBy(ROOT + "replay..")
          .layer("experiment")
          .definedBy(ROOT + "experiment..")
          .layer("mubo")
          .definedBy(ROOT + "mubo..")
          .layer("console")
          .definedBy(ROOT + "console..")
          .layer("cli")
          .definedBy(ROOT + "cli..")
          .whereLayer("event")
          .mayNotAccessAnyLayer()
          .whereLayer("model")
          .mayNotAccessAnyLayer()
          .whereLayer("metric")
          .mayNotAccessAnyLayer()
          .whereLayer("optim")
          .mayOnlyAccessLayers("model")
          .whereLayer("drift")
          .mayOnlyAccessLayers("event", "model")
          .whereLayer("conformal")
          .mayNotAccessAnyLayer()
          .whereLayer("meta")
          .mayOnlyAccessLayers("model", "optim")
          .whereLayer("sampling")
          .mayOnlyAccessLayers("model", "optim", "compute")
          .whereLayer("compute")
          .mayOnlyAccessLayers("model", "optim", "meta")
          .whereLayer("learner")
          .mayOnlyAccessLayers(
              "event", "model", "optim", "drift", "conformal", "meta", "sampling", "compute")
          .whereLayer("codec")
          .mayOnlyAccessLayers(
              "model", "optim", "drift", "conformal", "meta", "sampling", "compute", "learner")
          .whereLayer("evaluation")
          .mayOnlyAccessLayers("event", "metric")
          .whereLayer("report")
          .mayOnlyAccessLayers(
              "event", "model", "meta", "compute", "learner", "metric", "evaluation")
          .whereLayer("avro")
          .mayNotAccessAnyLayer()
          .whereLayer("avro")
          .mayOnlyBeAccessedByLayers("serde")
          .whereLayer("serde")
          .mayOnlyAccessLayers("event", "learner", "codec", "avro", "registry")
          .whereLayer("registry")
          .mayNotAccessAnyLayer()
          .whereLayer("operator")
          .mayOnlyAccessLayers("event", "model", "compute", "learner", "codec", "metric", "serde")
          .whereLayer("config")
          .mayOnlyAccessLayers(
              "model",
              "optim",
              "drift",
              "conformal",
              "meta",
              "compute",
              "learner",
              "serde",
              "operator")
          .whereLayer("job")
          .mayOnlyAccessLayers(
              "event", "model", "compute", "learner", "registry", "serde", "operator", "config")
          .whereLayer("embedded")
          .mayOnlyAccessLayers("event", "model")
          .whereLayer("bench")
          .mayOnlyAccessLayers("event", "model", "optim", "meta", "compute", "learner")
          .whereLayer("bench")
          .mayOnlyBeAccessedByLayers("cli", "experiment", "mubo")
          .whereLayer("experiment")
          .mayOnlyAccessLayers(
              "event",
              "model",
              "compute",
              "learner",
              "metric",
              "bench",
              "config",
              "embedded",
              "replay")
          .whereLayer("console")
          .mayOnlyAccessLayers(
              "event", "model", "compute", "learner", "codec", "serde", "config", "job", "report")
          .whereLayer("mubo")
          .mayOnlyAccessLayers(
              "event", "model", "optim", "compute", "sampling", "bench", "embedded")
          .whereLayer("replay")
          .mayOnlyAccessLayers(
              "event", "model", "learner", "evaluation", "serde", "config", "job", "embedded")
          .whereLayer("embedded")
          .mayOnlyBeAccessedByLayers("replay", "experiment", "mubo", "cli")
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers("job", "replay", "experiment", "console", "cli")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .because("a reader may follow an event downwards, and a layer be replaced from above");

  @ArchTest
  static final ArchRule configurationNamesOnlyTheChoicesOfTheShell =
      noClasses()
          .that()
          .resideInAPackage(ROOT + "config..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(ROOT + "serde..", ROOT + "operator..")
                  .and(not(JavaClass.Predicates.equivalentTo(EventFormat.class)))
                  .and(not(JavaClass.Predicates.equivalentTo(Ordering.class)))
                  .and(not(JavaClass.Predicates.equivalentTo(Unlabelled.class))))
          .because("a configuration is checked without starting what it configures");

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices()
          .matching(ROOT + "(*)..")
          .should()
          .beFreeOfCycles()
          .because("two packages that need each other are one package");

  /** Method names by the class that declares them. */
  private static final Map<String, Set<String>> NOT_REPEATABLE =
      Map.of(
          "java.lang.System", Set.of("currentTimeMillis", "nanoTime", "getenv"),
          "java.lang.Math", Set.of("random"),
          "java.lang.StrictMath", Set.of("random"),
          "java.time.Instant", Set.of("now"),
          "java.time.LocalDate", Set.of("now"),
          "java.time.LocalDateTime", Set.of("now"),
          "java.time.ZonedDateTime", Set.of("now"),
          "java.time.Clock", Set.of("systemUTC", "systemDefaultZone", "system"),
          "java.util.UUID", Set.of("randomUUID"),
          "java.util.concurrent.ThreadLocalRandom", Set.of("current"));

  private static final DescribedPredicate<AccessTarget> A_CLOCK_OR_CHANCE =
      DescribedPredicate.describe(
          "a wall clock, an unseeded random source or the environment",
          target -> {
            String owner = target.getOwner().getName();
            boolean unseeded =
                target.getName().equals("<init>")
                    && (owner.equals("java.security.SecureRandom")
                        || owner.matches("java\\.util\\.(Splittable)?Random")
                            && target.getFullName().endsWith("()"));
            return unseeded
                || NOT_REPEATABLE.getOrDefault(owner, Set.of()).contains(target.getName())
                || target.getFullName().equals("java.util.Collections.shuffle(java.util.List)");
          });

  @ArchTest
  static final ArchRule coreIsRepeatable =
      noClasses()
          .that()
          .resideInAnyPackage(CORE)
          .should()
          .accessTargetWhere(target(A_CLOCK_OR_CHANCE))
          .because("the same topics and seed must give the same weights, bit for bit");
}
