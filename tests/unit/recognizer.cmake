inkfield_test(recognizer_unit_tests LABELS unit
  SOURCES
    recognizer_engine_test.cpp
    recognizer_onnx_builder.cpp
  LIBS inkfield_recognizer)
