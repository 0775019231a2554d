inkfield_test(recognizer_unit_tests LABELS unit
  SOURCES
    recognizer_automaton_test.cpp
    recognizer_ctc_test.cpp
    recognizer_engine_test.cpp
    recognizer_hostile_model_test.cpp
    recognizer_onnx_builder.cpp
  LIBS inkfield_recognizer)
