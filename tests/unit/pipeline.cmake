inkfield_test(inkfield_pipeline_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_cells_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_cropping_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_drawn_crops.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_format_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_checkbox_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_ink_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_kinds_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_known_print_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_line_ridges_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_micr_line_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_reader_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_rule_checks_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_rules_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/pipeline_second_reading_test.cpp
  LIBS inkfield_pipeline inkfield_page inkfield_recognizer)
# The model that ships lies in the source tree.
target_compile_definitions(inkfield_pipeline_test PRIVATE INKFIELD_MODEL="${CMAKE_SOURCE_DIR}/config/models/inkfield-open.onnx")
