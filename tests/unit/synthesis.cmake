inkfield_test(inkfield_synthesis_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/line_looks_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/line_slant_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/normalization_components_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/normalization_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/synthesis_handwriting_test.cpp
  LIBS inkfield_synthesis inkfield_recognizer)
