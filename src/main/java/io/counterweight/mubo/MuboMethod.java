package io.counterweight.mubo;

import io.counterweight.sampling.MuboVariant;
import java.util.List;

/** What makes the training set. */
public enum MuboMethod {
  MUBO_PAPER("MUBO, paper", MuboVariant.PAPER),
  MUBO_PUBLISHED_CODE("MUBO, published code", MuboVariant.PUBLISHED_CODE),
  MUBO_CORRECTED("MUBO, corrected", MuboVariant.CORRECTED),
  WITHOUT_SAMPLING("without sampling", null),
  UNDERSAMPLING("random undersampling", null),
  SMOTE("SMOTE", null),
  BORDERLINE_SMOTE("Borderline-SMOTE", null),
  SVM_SMOTE("SVM-SMOTE", null);

  /** What MUBO is compared with. */
  public static final List<MuboMethod> BASELINES =
      List.of(WITHOUT_SAMPLING, UNDERSAMPLING, SMOTE, BORDERLINE_SMOTE, SVM_SMOTE);

  private final String title;
  private final MuboVariant variant;

  MuboMethod(String title, MuboVariant variant) {
    this.title = title;
    this.variant = variant;
  }

  /** As in tables. */
  public String title() {
    return title;
  }

  /** The variant of MUBO, or null for a baseline. */
  MuboVariant variant() {
    return variant;
  }

  /** The method of a variant. */
  public static MuboMethod of(MuboVariant variant) {
    return switch (variant) {
      case PAPER -> MUBO_PAPER;
      case PUBLISHED_CODE -> MUBO_PUBLISHED_CODE;
      case CORRECTED -> MUBO_CORRECTED;
    };
  }
}
