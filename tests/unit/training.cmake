if(INKFIELD_BUILD_TRAINING)
  inkfield_test(inkfield_training_test LABEL unit
    SOURCES
      ${CMAKE_CURRENT_LIST_DIR}/training_calibration_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_classifiers_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_ctc_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_evaluation_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_onnx_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_own_writing_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_run_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_samples_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_step_shares_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_strips_test.cpp
    LIBS inkfield_training)
  target_compile_definitions(inkfield_training_test PRIVATE INKFIELD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # The program called wrongly: it says why and ends with 2. The recipe own asks for what it needs without the data sets.
  function(inkfield_trainer_refuses name message)
    list(JOIN ARGN " " arguments)
    add_test(NAME Trainer_${name} COMMAND sh -c
      "message=$($<TARGET_FILE:inkfield-train> ${arguments} 2>&1); status=$?; echo \"$message\"; test $status = 2 && echo \"$message\" | grep -qF -e '${message}'")
    set_tests_properties(Trainer_${name} PROPERTIES LABELS unit ENVIRONMENT_MODIFICATION INKFIELD_DATA=unset:)
  endfunction()
  inkfield_trainer_refuses(RecipeOwnWithoutCrops_SaysWhatItNeeds "recipe own needs --crops" --recipe own)
  inkfield_trainer_refuses(RecipeOwnToCalibrate_SaysThatTrainingDoes "calibrates when it trains" --recipe own --calibrate)
  inkfield_trainer_refuses(UnknownRecipe_NamesThoseThereAre "strips, own and smoke" --recipe mine)
  inkfield_trainer_refuses(StepsThatAreNoNumber_SaysWhatTheyTake "--steps takes a number above 0, not many" --recipe own --steps many)
  inkfield_trainer_refuses(PlainClassifierInBfloat16_SaysWhatItIsFor "--bfloat16 is for the recipes that read lines" --recipe lenet5 --bfloat16)
  inkfield_trainer_refuses(CalibrationInBfloat16_SaysWhatItIsFor "--bfloat16 is for training" --calibrate --recipe open --bfloat16)
  inkfield_trainer_refuses(BytesWithoutOut_SaysWhatItNeeds "--bytes needs --out" --bytes model.onnx)
  # The program itself, for a minute: the loss must fall or it ends with 1. Without INKFIELD_DATA it trains on synthesis.
  add_test(NAME Trainer_SmokeRun_LossFalls COMMAND inkfield-train --smoke --out ${CMAKE_CURRENT_BINARY_DIR}/smoke.onnx)
  set_tests_properties(Trainer_SmokeRun_LossFalls PROPERTIES LABELS unit TIMEOUT 600 FIXTURES_SETUP inkfield_smoke_model)
  # What it wrote, with its weights as bytes: a smaller file, and no smaller one the second time.
  add_test(NAME Trainer_Bytes_ShrinkAModelOnce COMMAND sh -c
    "$<TARGET_FILE:inkfield-train> --bytes smoke.onnx --out smoke.bytes.onnx && \
     test $(stat -c %s smoke.bytes.onnx) -lt $(($(stat -c %s smoke.onnx) / 2)) && \
     ! $<TARGET_FILE:inkfield-train> --bytes smoke.bytes.onnx --out smoke.again.onnx && ! test -e smoke.again.onnx")
  set_tests_properties(Trainer_Bytes_ShrinkAModelOnce PROPERTIES LABELS unit FIXTURES_REQUIRED inkfield_smoke_model
    WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
endif()
