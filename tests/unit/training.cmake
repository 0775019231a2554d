if(INKFIELD_BUILD_TRAINING)
  inkfield_test(inkfield_training_test LABELS unit slow
    SOURCES
      ${CMAKE_CURRENT_LIST_DIR}/training_calibration_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_ctc_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_onnx_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_run_test.cpp
      ${CMAKE_CURRENT_LIST_DIR}/training_samples_test.cpp
    LIBS inkfield_training)
endif()
