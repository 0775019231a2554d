if(INKFIELD_BUILD_TRAINING)
  inkfield_test(inkfield_training_test LABELS unit
    SOURCES
      ${CMAKE_CURRENT_LIST_DIR}/training_calibration_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_classifiers_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_ctc_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_onnx_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_own_writing_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_run_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_samples_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_step_shares_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_strips_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_warm_start_test.cpp
    LIBS inkfield_training)
  # The program knows the recipe, and asks for what it needs without the data sets.
  add_test(NAME Trainer_RecipeOwnWithoutCrops_SaysWhatItNeeds COMMAND inkfield-train --recipe own)
  set_tests_properties(Trainer_RecipeOwnWithoutCrops_SaysWhatItNeeds PROPERTIES
    LABELS unit ENVIRONMENT_MODIFICATION INKFIELD_DATA=unset: PASS_REGULAR_EXPRESSION "recipe own needs --crops")
  # The program itself, for a minute: the loss must fall or it ends with 1. Without INKFIELD_DATA it trains on synthesis.
  add_test(NAME Trainer_SmokeRun_LossFalls COMMAND inkfield-train --smoke --out ${CMAKE_CURRENT_BINARY_DIR}/smoke.onnx)
  set_tests_properties(Trainer_SmokeRun_LossFalls PROPERTIES LABELS unit TIMEOUT 600)
endif()
